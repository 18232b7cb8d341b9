module mlops-spec.dev/tools/cron

go 1.26.8

tool mlops-spec.dev/tools/cron

require github.com/robfig/cron/v3 v3.0.1
