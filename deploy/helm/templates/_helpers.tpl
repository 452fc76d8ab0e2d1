{{- define "jiandu.labels" -}}
app.kubernetes.io/name: jiandu
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "jiandu.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "jiandu.secretName" -}}
{{ .Values.secret.existing | default (printf "%s-secret" .Release.Name) }}
{{- end }}

{{- define "jiandu.envFrom" -}}
- configMapRef:
    name: {{ .Release.Name }}-config
- secretRef:
    name: {{ include "jiandu.secretName" . }}
{{- end }}

{{- define "jiandu.tlsEnv" -}}
{{- if .Values.temporalTls.existing }}
- name: TEMPORAL_TLS_CERT
  value: /etc/temporal-tls/tls.crt
- name: TEMPORAL_TLS_KEY
  value: /etc/temporal-tls/tls.key
{{- end }}
{{- end }}

{{- define "jiandu.serverEnv" -}}
{{- include "jiandu.tlsEnv" . }}
{{- if .Values.smtpIn.tlsSecret }}
- name: SMTP_IN_TLS_CERT
  value: /etc/smtp-in-tls/tls.crt
- name: SMTP_IN_TLS_KEY
  value: /etc/smtp-in-tls/tls.key
{{- end }}
{{- end }}

{{- define "jiandu.mounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .Values.temporalTls.existing }}
- name: temporal-tls
  mountPath: /etc/temporal-tls
  readOnly: true
{{- end }}
{{- end }}

{{- define "jiandu.volumes" -}}
- name: tmp
  emptyDir: {}
{{- if .Values.temporalTls.existing }}
- name: temporal-tls
  secret:
    secretName: {{ .Values.temporalTls.existing }}
{{- end }}
{{- end }}

{{- define "jiandu.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "jiandu.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
