/** Where the program runs, told from the marks each platform leaves in the environment. */
export type Hosting = 'fly' | 'heroku' | 'other'
