// What lies in the bot's resource group: identity, Redis with Entra sign-in, logs, and two replicas.
param location string
param image string
@allowed(['socket-mode', 'http'])
param slack string
@secure()
param slackBotToken string
@secure()
param slackSecret string
@secure()
param auditKey string
param policy string

var isHttp = slack == 'http'
var slackSecretName = isHttp ? 'slack-signing-secret' : 'slack-app-token'
var suffix = uniqueString(resourceGroup().id)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'jit-bot'
  location: location
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'jit-bot'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 30
  }
}

resource redis 'Microsoft.Cache/redisEnterprise@2025-04-01' = {
  name: 'jit-bot-${suffix}'
  location: location
  sku: {
    name: 'Balanced_B1'
  }
  properties: {
    minimumTlsVersion: '1.2'
    highAvailability: 'Enabled'
  }
}

resource database 'Microsoft.Cache/redisEnterprise/databases@2025-04-01' = {
  parent: redis
  name: 'default'
  properties: {
    clientProtocol: 'Encrypted'
    port: 10000
    // One endpoint, as a single server has: no REDIS_MODE is needed.
    clusteringPolicy: 'EnterpriseCluster'
    evictionPolicy: 'NoEviction'
    accessKeysAuthentication: 'Disabled'
    persistence: {
      aofEnabled: true
      aofFrequency: '1s'
      rdbEnabled: false
    }
  }
}

resource redisAccess 'Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments@2025-04-01' = {
  parent: database
  name: 'jitbot'
  properties: {
    accessPolicyName: 'default'
    user: {
      objectId: identity.properties.principalId
    }
  }
}

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: 'jit-bot'
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
  }
}

resource bot 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'jit-bot'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  dependsOn: [
    redisAccess
  ]
  properties: {
    environmentId: environment.id
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: isHttp ? {
        external: true
        targetPort: 3000
        allowInsecure: false
      } : null
      secrets: [
        {
          name: 'slack-bot-token'
          value: slackBotToken
        }
        {
          name: slackSecretName
          value: slackSecret
        }
        {
          name: 'audit-key'
          value: auditKey
        }
        {
          name: 'policy'
          value: policy
        }
      ]
    }
    template: {
      terminationGracePeriodSeconds: 20
      containers: [
        {
          name: 'bot'
          image: image
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          env: [
            {
              name: 'SLACK_BOT_TOKEN_FILE'
              value: '/run/secrets/jit/slack-bot-token'
            }
            {
              name: isHttp ? 'SLACK_SIGNING_SECRET_FILE' : 'SLACK_APP_TOKEN_FILE'
              value: '/run/secrets/jit/${slackSecretName}'
            }
            {
              name: 'AUDIT_KEY_FILE'
              value: '/run/secrets/jit/audit-key'
            }
            {
              name: 'REDIS_URL'
              value: 'rediss://${redis.properties.hostName}:10000'
            }
            {
              name: 'REDIS_AUTH'
              value: 'entra'
            }
            {
              name: 'AZURE_CLIENT_ID'
              value: identity.properties.clientId
            }
            {
              name: 'JIT_CONFIG'
              value: '/etc/jit/jit.yaml'
            }
            // An environment with an OpenTelemetry agent sets an address for every app, with a protocol that the bot doesn't support.
            {
              name: 'OTEL_SDK_DISABLED'
              value: 'true'
            }
          ]
          volumeMounts: [
            {
              volumeName: 'secrets'
              mountPath: '/run/secrets/jit'
            }
            {
              volumeName: 'policy'
              mountPath: '/etc/jit'
            }
          ]
          probes: [
            {
              type: 'Liveness'
              httpGet: {
                path: '/healthz'
                port: 3000
              }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 3
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/readyz'
                port: 3000
              }
              periodSeconds: 5
              timeoutSeconds: 3
              failureThreshold: 2
            }
          ]
        }
      ]
      scale: {
        minReplicas: 2
        maxReplicas: 2
      }
      volumes: [
        {
          name: 'secrets'
          storageType: 'Secret'
          secrets: [
            {
              secretRef: 'slack-bot-token'
              path: 'slack-bot-token'
            }
            {
              secretRef: slackSecretName
              path: slackSecretName
            }
            {
              secretRef: 'audit-key'
              path: 'audit-key'
            }
          ]
        }
        {
          name: 'policy'
          storageType: 'Secret'
          secrets: [
            {
              secretRef: 'policy'
              path: 'jit.yaml'
            }
          ]
        }
      ]
    }
  }
}

output principalId string = identity.properties.principalId
output address string = isHttp ? 'https://${bot.properties.configuration.ingress.fqdn}' : ''
