{{/* A pod that `helm test` starts: a program of files/ in the gateway's image. Takes `root`, `name`, `env`. */}}
{{- define "todo.testPod" -}}
{{- $values := .root.Values -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .name }}
  labels:
    {{- include "todo.labels" .root | nindent 4 }}
    app.kubernetes.io/name: {{ .name }}
    app.kubernetes.io/component: test
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  activeDeadlineSeconds: 60
  securityContext:
    {{- include "common.podSecurityContext" .root | nindent 4 }}
  {{- with $values.global.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ .name }}
      image: {{ include "common.image" (dict "name" "api-gateway" "global" $values.global "digest" (index $values "api-gateway").digest "Chart" .root.Chart) }}
      imagePullPolicy: {{ $values.global.image.pullPolicy }}
      args:
        - --input-type=module
        - --eval
        - |
          {{- .root.Files.Get (printf "files/%s.mjs" .name) | nindent 10 }}
      env:
        {{- range $name, $value := .env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      resources:
        requests: { cpu: 10m, memory: 64Mi }
        limits: { memory: 128Mi }
      securityContext:
        {{- include "common.securityContext" .root | nindent 8 }}
{{- end -}}
