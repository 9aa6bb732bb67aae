/** Begins the name of every metric that is this program's own; Node's own ones keep the names that dashboards know. */
export const prefix = 'owlcms_bridge_'
