{{/*
What the other templates take instead of the chart's own context: `name` (the app id), `app` (what the repository says of
the app: ports, callers, topics), `values` (the service's own over those for every service), `global`, Release, Chart; of
the gateway also `track`, the one that is deployed. `workload` is the name of its Deployment.
*/}}
{{- define "common.context" -}}
{{- $app := index (include "common.apps" . | fromJson) .Chart.Name -}}
{{- $values := mergeOverwrite (deepCopy .Values.global.service) (omit .Values "global") -}}
{{- $track := ($values.tracks | default dict).deploy | default "" -}}
{{- $workload := include "common.workload" (dict "name" .Chart.Name "track" $track) -}}
{{- dict "track" $track "workload" $workload "name" .Chart.Name "app" $app "values" $values "global" .Values.global "Release" (pick .Release "Name" "Namespace" "Service") "Chart" (dict "Name" .Chart.Name "Version" .Chart.Version "AppVersion" .Chart.AppVersion) | toJson -}}
{{- end -}}

{{- define "common.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The Deployment of a track: the first one is named as the app. */}}
{{- define "common.workload" -}}
{{ .name }}{{ if eq .track "green" }}-green{{ end }}
{{- end -}}

{{/* The pods of one Deployment, also where the app has two. */}}
{{- define "common.workloadSelector" -}}
{{ include "common.selector" . }}
{{- with .track }}
track: {{ . }}
{{- end }}
{{- end -}}

{{- define "common.labels" -}}
{{ include "common.selector" . }}
app.kubernetes.io/part-of: todo
app.kubernetes.io/version: {{ .global.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{/* An image by digest where there is one: a tag can be moved. Takes `name`, `global`, `digest`, Chart. */}}
{{- define "common.image" -}}
{{- $repository := printf "%s/todo-%s" (trimSuffix "/" .global.image.registry) .name -}}
{{- if .digest -}}
{{ $repository }}@{{ .digest }}
{{- else -}}
{{ $repository }}:{{ .global.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* A setting as text. Helm reads every number as a float, which prints a million as 1e+06. */}}
{{- define "common.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}
{{ printf "%.0f" . }}
{{- else if kindIs "slice" . -}}
{{ join "," . }}
{{- else -}}
{{ toString . }}
{{- end -}}
{{- end -}}

{{- define "common.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "common.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/*
How long an app takes to stop after its signal, at most, in seconds: the gateway says that it is not ready for
DRAIN_DELAY_MS, then lets requests finish for SHUTDOWN_GRACE_MS, and closes within 5 s; a subgraph gives up after 10 s.
*/}}
{{- define "common.stopSeconds" -}}
{{- if .app.publicPort -}}
{{- $ms := add (int64 .values.env.DRAIN_DELAY_MS) (int64 .values.env.SHUTDOWN_GRACE_MS) -}}
{{ add (div (add $ms 999) 1000) 5 }}
{{- else -}}
10
{{- end -}}
{{- end -}}

{{/* The app ends first, its sidecar after it: what finishes still calls out through the sidecar. 5 s are a margin. */}}
{{- define "common.terminationSeconds" -}}
{{ add (int64 .values.preStopSeconds) (int64 (include "common.stopSeconds" .)) (int64 .global.dapr.gracefulShutdownSeconds) 5 }}
{{- end -}}

{{/* What a service or its sidecar keeps things in; empty where that is nothing. Only the scheduler has the choice. */}}
{{- define "common.store" -}}
{{- if .app.store -}}
{{ ternary .global.schedulerState.store "postgresql" (eq .name "scheduler-service") }}
{{- end -}}
{{- end -}}
