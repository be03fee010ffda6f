/** Firefox's words for what goes to a backend off this computer: pages' requests, what a person says in the chat, and a key to its own issuer. */
export const transmitted = ['websiteContent', 'personalCommunications', 'authenticationInfo'] as const;
