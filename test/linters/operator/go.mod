module linters/operator

go 1.21

require github.com/pulumi/pulumi-kubernetes-operator v1.16.0
