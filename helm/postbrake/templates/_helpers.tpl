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
{{- $sections := dict "alertSink.settings" .Values.alertSink.settings "agent.source" .Values.agent.source "agent.enforcer" .Values.agent.enforcer "detector.extraConfig" .Values.detector.extraConfig -}}
{{- range $name, $settings := .Values.alertSink.receivers -}}
{{- $_ := set $sections (printf "alertSink.receivers.%s" $name) $settings -}}
{{- end -}}
{{- range $section, $settings := $sections -}}
{{- range $key, $value := $settings -}}
{{- if and (regexMatch "(?i)(password|jaas|secret|user\\.info|token|\\.key$|^webhook\\.url$|authorization)" $key) (not (hasSuffix ".file" $key)) (not (kindIs "map" $value)) (not (regexMatch "^[^$]*\\$\\{(file|directory|env):" (toString $value))) -}}
{{- fail (printf "%s.%s is or holds a secret and would stand readable in a ConfigMap: put it into the Secret of alertSink.existingSecret, or one of your own in extraVolumes, and give %s.file with its path, or ${directory:PATH:FILE} as its value" $section $key $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.console.ingress.enabled (not (and .Values.console.existingSecret .Values.console.ingress.host)) -}}
{{- fail "console.ingress.enabled is true: it needs console.existingSecret, without which the console listens on loopback only, and console.ingress.host" -}}
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
{{- if and (eq .Values.agent.mode "pods") (not .Values.agent.pods.match) -}}
{{- fail "agent.mode is pods but agent.pods.match is empty: say which containers run Postfix, as NAMESPACE/POD/CONTAINER, such as mail/postfix-*/postfix" -}}
{{- end -}}
{{- if and (ne .Values.agent.mode "none") (ne .Values.agent.mode "pods") (not (or .Values.agent.ship .Values.agent.enforce)) -}}
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
{{- with .Values.podSecurityContext }}
{{ toYaml . }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "postbrake.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* Strimzi 1.0 has v1 only, before 0.49 there was none. Where the cluster does not tell, as it is newest. */ -}}
{{- define "postbrake.strimzi" -}}
{{- $has := .Capabilities.APIVersions -}}
{{- if .Values.topics.strimzi.apiVersion -}}
{{ .Values.topics.strimzi.apiVersion }}
{{- else if and ($has.Has "kafka.strimzi.io/v1beta2") (not ($has.Has "kafka.strimzi.io/v1")) -}}
kafka.strimzi.io/v1beta2
{{- else -}}
kafka.strimzi.io/v1
{{- end -}}
{{- end -}}

{{- /* Whether the agent keeps the policy map: an agent of pods has none that their Postfix could see. Empty: no. */ -}}
{{- define "postbrake.agentEnforces" -}}
{{- if and .Values.agent.enforce (ne .Values.agent.mode "pods") }}true{{ end -}}
{{- end -}}

{{- /* Whether it reads files below agent.logs.hostPath. Empty: no. */ -}}
{{- define "postbrake.agentReadsFiles" -}}
{{- if and .Values.agent.ship (ne .Values.agent.mode "pods") }}true{{ end -}}
{{- end -}}

{{- /* The agent's configuration file. */ -}}
{{- define "postbrake.agentConfig" -}}
{{ include "postbrake.access" . | trim }}
{{- /* An emptyDir is root's, and only its owner may close a directory to others. */}}
state.dir: /var/lib/postbrake/agent{{ if eq .Values.agent.mode "sidecar" }}/state{{ end }}
http.host: 0.0.0.0
http.port: 9405
{{- if eq .Values.agent.mode "pods" }}
source:
  log.paths: ["pods:{{ .Values.agent.pods.hostPath }}"]
  pods.match:
    {{- toYaml .Values.agent.pods.match | nindent 4 }}
  {{- with .Values.agent.source }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- else if .Values.agent.ship }}
source:
  log.paths:
    {{- toYaml .Values.agent.logs.paths | nindent 4 }}
  {{- with .Values.agent.source }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- if include "postbrake.agentEnforces" . }}
enforcer:
  policy.map.path: /var/lib/postbrake/map/{{ .Values.agent.map.file }}
  # A pod sees neither the host's postconf nor its queue.
  policy.postfix.config.directories: []
  {{- if eq .Values.agent.mode "sidecar" }}
  # The pod that comes in the place of this one is another host.
  policy.farewell: true
  {{- end }}
  {{- with .Values.agent.enforcer }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* A scrape of metrics may be in front of a probe: one second is little on a busy node. */ -}}
{{- define "postbrake.agentProbes" }}
startupProbe:
  httpGet: {path: /health/live, port: http}
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /health/live, port: http}
  periodSeconds: 20
  timeoutSeconds: 10
readinessProbe:
  httpGet: {path: /health/ready, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
{{- end -}}

{{- /* The agent's container; in a DaemonSet and as a sidecar the same. */ -}}
{{- define "postbrake.agentContainer" -}}
name: agent
{{- if and (eq .Values.agent.mode "sidecar") .Values.agent.sidecar.native }}
# Among the pod's initContainers: it is there before Postfix begins, and ends after it.
restartPolicy: Always
{{- end }}
image: {{ include "postbrake.image" (list . "agent") }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args:
  - --config
  - /etc/postbrake/agent.yaml
  - --host-id
  - $(HOST_ID){{ if eq .Values.agent.mode "pods" }}-pods{{ end }}
env:
  - name: HOST_ID
    valueFrom:
      fieldRef:
        fieldPath: {{ ternary "spec.nodeName" "metadata.name" (ne .Values.agent.mode "sidecar") }}
  - name: JAVA_OPTS
    value: {{ .Values.agent.javaOptions | quote }}
  {{- with .Values.agent.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
ports:
  - name: http
    containerPort: 9405
{{- include "postbrake.agentProbes" . }}
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
  {{- if include "postbrake.agentReadsFiles" . }}
  - name: logs
    mountPath: /host/log
    readOnly: true
  {{- end }}
  {{- if eq .Values.agent.mode "pods" }}
  # Under its own name: with Docker the files there are links.
  - name: logs
    mountPath: {{ .Values.agent.pods.hostPath }}
    readOnly: true
  {{- end }}
  {{- if include "postbrake.agentEnforces" . }}
  - name: map
    mountPath: /var/lib/postbrake/map
  {{- end }}
  {{- include "postbrake.clientMounts" . | nindent 2 }}
  {{- with .Values.agent.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
