/** 1,024 short English words: 10 bits each. Only ever appended to or replaced one for one; the number is what counts. */

export const words: readonly string[] = `
acid acorn actor adult after again agile agree ahead aisle alarm album alert alike alive alley allow aloe alone along
alpha amino ample angle ankle apple april apron arena arise armor army aroma arrow artist ashes aspen asset atlas atom
attic august autumn avoid axis baby bacon badge baker balm bamboo banana banjo bank basic basil basin basket batch bath
beach bead beam bear beard beast beaver berry bike birch bird bison black blade blank blaze blend bless blimp blink
block blue board boat body boil bolt bond bone bonus book boost boot border bottle bowl brave break breeze bridge brief
bright bring broad bronze brook bubble bucket budget bulb bundle bunny bush butter button buyer cactus calm camel camp
canal candy canoe canvas canyon cape card carpet carrot cart carve castle casual catch cattle cause cello cement cereal
chain chair chalk chart cheek cheer cheese cherry chess chew chief child chili chip chorus cider cinema circle city
civic claim clap clay clean clerk clever cliff clock cloth cloud clover coach coal coast cobra code coffee coin cold
collar color comet comic cook cookie copper coral cord cork corn corner cosmic count couple course cousin cover crab
craft crater crayon cream creek crisp crowd crown cruise crumb cube curb curl curve custom cycle daily dairy daisy dance
daring dash dawn deal debut deck deer delta denim dense depth desk detail diary diesel diet disco dish disk diver dock
doctor domain donkey door dose double dough dozen draft dragon drama draw dream dress drift drill drink drive duck dune
dust duty eager eagle early easel east edge edit effort elbow elder elect ember enamel energy engine enjoy envoy epic
equal errand essay every expert fabric face fade fair fairy faith falcon fall family famous fancy fault feast felt fern
ferry fever fiddle field find finish fire firm first fish flag flake flame flash flavor flight float floor flour flow
flower fluid flute foam foil folk food forest fork form fort forum fossil frame fresh friend frog front frost fruit fuel
full funnel future gadget galaxy gallon game garlic gather gauge genius gentle giant gift ginger give glad glass glide
globe glory glove glow glue goat golf good gorge grace grade grain grand grape graph grass gravel gravy grid grill grin
grip group grove guava guess guide gulf gust hair half hall hand handle happy hard harp hawk hazel head heart hedge
height helmet help herb herd hero hill hint hippo hobby hockey hold home honey hood hope horn host hotel hour house
human humble humor hunt hurry husky hymn igloo inch index indigo infant inlet inner input iris iron island item ivory
jacket jaguar jeans jelly jewel join joke jolly judge juice july jumbo jump june jungle junior jury just kayak kernel
kettle kick kidney kind kiosk kite kitten kiwi knee knit knot koala label lace ladder lady lagoon lake lamb lamp land
laptop large laser latch laugh lava lawn layer leader lean learn legend lemon lend lens lesson letter lever light lilac
lime limit lion liquid list llama loaf lobby local lodge logic long loop lotus loud lounge love loyal lumber lunar lunch
lung lynx lyric magic magnet maid mail major make mango manor maple marble march margin marine marsh mask math matter
maze meadow medal melody melon member memo menu mercy merit merry mesh metal meter method middle milk mill mimic mind
minor mint minute mirror model modern moment monkey moon moose mosaic moss motel moth mother motion motor mount mouse
movie muffin mule muscle museum music mutual name narrow near neat neck nectar needle nephew nerve nest nice nickel
night nine noble noise noodle normal north nose note novel number oasis object oboe ocean offer office olive omega onion
open opera orange orbit orchid order organ origin otter oval owner oxygen oyster paddle page paint palace palm panda
paper parade parcel park parrot party pasta patio pause peace peach peak peanut pearl pecan pedal pencil pepper period
permit phone photo piano pickle piece pigeon pilot pine pink pipe pizza place plain planet plant plate play plaza plus
pocket poem pole polite pond pony porch portal power praise pretty prime print prism prune public pulse pump pupil
puppet puppy purple quail quartz queen quick quill quiz quota rabbit race radar rail rain raise ramp ranch range ready
real recipe regal region relax relay remote rent repair rescue rhyme ribbon rice rich ride ridge ring ripple river road
robin rock rocket roof room root rope rose rotor round route royal ruby rule rumor runner rural rust saddle safari safe
saga sail salad salon salt salute sample sand scale scarf scene school scout screen script scroll seal season secret
seed sense seven shade shadow shape share shark sharp sheet shelf shell shine shirt shoe shore short shovel shrimp shrub
sign signal silent silk silver simple singer siren sister size sketch skill slate sleep sleeve slice slide slim slow
small smart smile smoke smooth snack snail snow soccer social sock soda sofa soft soil solid solo song sonic sorbet soul
soup south space spare spark speak spice spider spin spiral spirit splash spoon sport spot spray spring sprout spruce
square squid stable staff stage stair stamp star start statue steam steel stem stereo stick still stitch stock stone
store storm story straw street string studio sugar suit sunny super supper sushi swamp sweet swift swim swing symbol
syrup table tailor tango tank taxi teach team teapot tender tennis tent test thank theme thick thread three thumb ticket
tidal tidy tiger tile time tiny tiptoe toast today toffee tomato tonic topaz topic torch total toucan towel tower track
trade trail train tray treat tree trek trend trick trip tropic trout truck true trunk trust tundra tunnel turkey tutor
tweed twenty ultra union unique upper urban usual valley vapor vase vector velvet verb vessel video villa vinyl violet
violin visit vivid voice vote waffle wagon waist walk walnut waltz warm wash watch water wave week whale wheat wheel
whisk white wild willow window wine wing winter wire wise wish wizard wonder wool world worm wrap wrist yacht yard yarn
year yeast yellow yoga young zebra zero zinc zone
`
  .trim()
  .split(/\s+/);
