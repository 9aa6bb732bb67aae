/**
 * Imported first of all: some libraries print whole packets, passwords included, when DEBUG is set
 * (R10), and they look at it while they load.
 */
delete process.env['DEBUG']
