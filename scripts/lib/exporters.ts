/** Labels that Prometheus, its operator and the rules' own relabelling give every series of a target. */
export const targetLabels = ['job', 'instance', 'namespace', 'pod', 'service', 'endpoint', 'container', 'app'];

/**
 * What rules and dashboards read that is not in the local stack: metrics of exporters of the cluster, by their names, with
 * the labels that their documentation says.
 */
export const exporterMetrics: Record<string, { exporter: string; labels: string[] }> = {
  ...of('kafka-exporter (github.com/danielqsj/kafka_exporter, README)', {
    kafka_brokers: [],
    kafka_consumergroup_lag: ['consumergroup', 'topic', 'partition'],
    kafka_topic_partition_current_offset: ['topic', 'partition'],
    kafka_topic_partition_under_replicated_partition: ['topic', 'partition'],
  }),
  ...of('kube-state-metrics (docs/metrics/workload)', {
    kube_deployment_spec_replicas: ['namespace', 'deployment'],
    kube_deployment_status_replicas_available: ['namespace', 'deployment'],
    kube_pod_container_info: ['namespace', 'pod', 'container'],
    kube_pod_init_container_info: ['namespace', 'pod', 'container'],
    kube_pod_container_resource_limits: ['namespace', 'pod', 'container', 'resource'],
    kube_pod_init_container_resource_limits: ['namespace', 'pod', 'container', 'resource'],
    kube_pod_status_phase: ['namespace', 'pod', 'phase'],
  }),
  ...of('cAdvisor, in the kubelet (docs/storage/prometheus.md)', {
    container_memory_working_set_bytes: ['namespace', 'pod', 'container'],
  }),
};

function of(exporter: string, metrics: Record<string, string[]>) {
  return Object.fromEntries(Object.entries(metrics).map(([name, labels]) => [name, { exporter, labels }]));
}
