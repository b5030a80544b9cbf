{{- define "postbrake.name" -}}
{{- default (ternary .Release.Name (printf "%s-postbrake" .Release.Name) (contains "postbrake" .Release.Name)) .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "postbrake.labels" -}}
app.kubernetes.io/name: postbrake
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Labels that select the pods of one component: (list . "detector") */ -}}
{{- define "postbrake.selector" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: postbrake
app.kubernetes.io/instance: {{ $.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- /* Reference of an image: (list . "agent") */ -}}
{{- define "postbrake.image" -}}
{{- $ := index . 0 -}}
{{- $image := index $.Values.image (index . 1) -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $image.repository $image.digest }}
{{- else -}}
{{ printf "%s:%s" $image.repository (default $.Chart.AppVersion $image.tag) }}
{{- end -}}
{{- end -}}

{{- define "postbrake.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* What makes no sense is said when the chart is rendered, with what to do. */ -}}
{{- define "postbrake.validate" -}}
{{- if not (or .Values.kafka.bootstrapServers .Values.kafka.existingSecret) -}}
{{- fail "kafka.bootstrapServers is empty: give host:port of the brokers, or kafka.existingSecret with a file client.properties that has bootstrap.servers" -}}
{{- end -}}
{{- if not (or .Values.registry.url .Values.kafka.existingSecret) -}}
{{- fail "registry.url is empty: give the URL of a Confluent-compatible Schema Registry, or kafka.existingSecret with a file client.properties that has schema.registry.url" -}}
{{- end -}}
{{- range $key, $value := merge (dict) .Values.kafka.properties .Values.registry.properties -}}
{{- if regexMatch "(?i)(password|jaas|secret|user\\.info|token|ssl\\.key$|keystore\\.key)" $key -}}
{{- fail (printf "%s is a secret and would stand readable in a ConfigMap: put it into a Secret with a file client.properties and name that in kafka.existingSecret" $key) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.detector.enabled (gt (int .Values.detector.replicas) (int .Values.topics.partitions)) -}}
{{- fail (printf "detector.replicas is %d, more than topics.partitions (%d): the surplus would idle; lower one or raise the other before the topics are made" (int .Values.detector.replicas) (int .Values.topics.partitions)) -}}
{{- end -}}
{{- if and .Values.detector.enabled (not .Values.keda.enabled) (ge (int .Values.detector.standbyReplicas) (int .Values.detector.replicas)) (gt (int .Values.detector.standbyReplicas) 0) -}}
{{- fail (printf "detector.standbyReplicas is %d: a warm copy needs another instance, so give at most detector.replicas - 1 (%d)" (int .Values.detector.standbyReplicas) (sub (int .Values.detector.replicas) 1)) -}}
{{- end -}}
{{- if and (eq .Values.topics.manage "strimzi") (not .Values.topics.strimzi.cluster) -}}
{{- fail "topics.manage is strimzi but topics.strimzi.cluster is empty: give the name of the Kafka resource" -}}
{{- end -}}
{{- if and .Values.alertSink.enabled (not (or .Values.alertSink.urls .Values.alertSink.receivers)) -}}
{{- fail "alertSink.enabled is true but alertSink.urls is empty: give the URLs of all Alertmanager replicas, or alertSink.receivers" -}}
{{- end -}}
{{- if and .Values.geoip.files (not .Values.geoip.existingClaim) -}}
{{- fail "geoip.files are given but geoip.existingClaim is empty: give the claim that holds the files" -}}
{{- end -}}
{{- if and .Values.geoip.updater.enabled (not (and .Values.geoip.existingClaim .Values.geoip.updater.existingSecret)) -}}
{{- fail "geoip.updater needs geoip.existingClaim to write to and geoip.updater.existingSecret with account-id and license-key" -}}
{{- end -}}
{{- if and (ne .Values.agent.mode "none") (not (or .Values.agent.ship .Values.agent.enforce)) -}}
{{- fail "agent.ship and agent.enforce are both false: set agent.mode to none instead" -}}
{{- end -}}
{{- if and .Values.keda.enabled (gt (int .Values.keda.maxReplicas) (int .Values.topics.partitions)) -}}
{{- fail (printf "keda.maxReplicas is %d, more than topics.partitions (%d): the surplus would idle" (int .Values.keda.maxReplicas) (int .Values.topics.partitions)) -}}
{{- end -}}
{{- if and .Values.keda.enabled (not .Values.kafka.bootstrapServers) -}}
{{- fail "keda.enabled is true but kafka.bootstrapServers is empty: KEDA reads the lag itself and cannot read client.properties" -}}
{{- end -}}
{{- end -}}

{{- /* How every process reaches the cluster, as YAML. */ -}}
{{- define "postbrake.access" -}}
{{- if .Values.kafka.existingSecret }}
client.file: /etc/postbrake/client/client.properties
{{- end }}
{{- $kafka := dict }}
{{- with .Values.kafka.bootstrapServers }}{{ $_ := set $kafka "bootstrap.servers" . }}{{ end }}
{{- $kafka = merge $kafka .Values.kafka.properties }}
{{- with $kafka }}
kafka:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $registry := dict }}
{{- with .Values.registry.url }}{{ $_ := set $registry "url" . }}{{ end }}
{{- $registry = merge $registry .Values.registry.properties }}
{{- with $registry }}
registry:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "postbrake.clientVolumes" -}}
{{- with .Values.kafka.existingSecret }}
- name: client
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- range .Values.kafka.tlsSecrets }}
- name: tls-{{ . }}
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{- define "postbrake.clientMounts" -}}
{{- if .Values.kafka.existingSecret }}
- name: client
  mountPath: /etc/postbrake/client
  readOnly: true
{{- end }}
{{- range .Values.kafka.tlsSecrets }}
- name: tls-{{ . }}
  mountPath: /etc/postbrake/tls/{{ . }}
  readOnly: true
{{- end }}
{{- end -}}

{{- /* Pod Security "restricted". */ -}}
{{- define "postbrake.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "postbrake.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* The agent's configuration file. */ -}}
{{- define "postbrake.agentConfig" -}}
{{ include "postbrake.access" . | trim }}
{{- /* An emptyDir is root's, and only its owner may close a directory to others. */}}
state.dir: /var/lib/postbrake/agent{{ if eq .Values.agent.mode "sidecar" }}/state{{ end }}
http.host: 0.0.0.0
http.port: 9405
{{- if .Values.agent.ship }}
source:
  log.paths:
    {{- toYaml .Values.agent.logs.paths | nindent 4 }}
  {{- with .Values.agent.source }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- if .Values.agent.enforce }}
enforcer:
  policy.map.path: /var/lib/postbrake/map/{{ .Values.agent.map.file }}
  # A pod sees neither the host's postconf nor its queue.
  policy.postfix.config.directories: []
  {{- with .Values.agent.enforcer }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* The agent's container; in a DaemonSet and as a sidecar the same. */ -}}
{{- define "postbrake.agentContainer" -}}
name: agent
image: {{ include "postbrake.image" (list . "agent") }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args:
  - --config
  - /etc/postbrake/agent.yaml
  - --host-id
  - $(HOST_ID)
env:
  - name: HOST_ID
    valueFrom:
      fieldRef:
        fieldPath: {{ ternary "spec.nodeName" "metadata.name" (eq .Values.agent.mode "daemonset") }}
  - name: JAVA_OPTS
    value: {{ .Values.agent.javaOptions | quote }}
  {{- with .Values.agent.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
ports:
  - name: http
    containerPort: 9405
startupProbe:
  httpGet: {path: /health/live, port: http}
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /health/live, port: http}
  periodSeconds: 20
readinessProbe:
  httpGet: {path: /health/ready, port: http}
  periodSeconds: 10
resources:
  {{- toYaml .Values.agent.resources | nindent 2 }}
securityContext:
  {{- include "postbrake.containerSecurity" . | nindent 2 }}
volumeMounts:
  - name: config
    mountPath: /etc/postbrake/agent.yaml
    subPath: agent.yaml
    readOnly: true
  - name: tmp
    mountPath: /tmp
  - name: state
    mountPath: /var/lib/postbrake/agent
  {{- if .Values.agent.ship }}
  - name: logs
    mountPath: /host/log
    readOnly: true
  {{- end }}
  {{- if .Values.agent.enforce }}
  - name: map
    mountPath: /var/lib/postbrake/map
  {{- end }}
  {{- include "postbrake.clientMounts" . | nindent 2 }}
{{- end -}}
