/**
 * The CloudEvent type of markers: a gateway replica publishes them to learn that it receives a topic's partitions.
 * Every other consumer skips them.
 */
export const MARKER_TYPE = 'com.todo.gateway.marker.v1';
