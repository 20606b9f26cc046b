module linters/deploy

go 1.21

require (
	github.com/compose-spec/compose-go/v2 v2.4.7
	k8s.io/kubectl v0.32.3
)
