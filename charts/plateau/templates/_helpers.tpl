{{- define "plateau.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "plateau.selectorLabels" -}}
app.kubernetes.io/name: plateau
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{/* managed-by is Helm here; the operator finds its own children by managed-by: plateau and must not find itself. */}}
{{- define "plateau.labels" -}}
{{ include "plateau.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "plateau.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "plateau.workerImage" -}}
{{ .Values.workerImage.repository }}:{{ .Values.workerImage.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "plateau.poolImage" -}}
{{ .Values.poolImage.repository }}:{{ .Values.poolImage.tag | default .Chart.AppVersion }}
{{- end -}}
