// The bot on Azure Container Apps. For a subscription: az deployment sub create (docs/deploy/container-apps.md).
// Never deployed from where it was written.
targetScope = 'subscription'

@description('The resource group that is made for the bot.')
param resourceGroupName string = 'rg-jit-bot'
param location string = deployment().location
@description('The image with its digest: registry/name@sha256:…')
param image string
@allowed(['socket-mode', 'http'])
param slack string = 'socket-mode'
@secure()
param slackBotToken string
@description('The app-level token with socket-mode, else the signing secret.')
@secure()
param slackSecret string
@description('From openssl rand -hex 32')
@secure()
param auditKey string
@description('The text of jit.yaml.')
param policy string

// The role that the guide creates by hand, from the same file.
var role = loadJsonContent('../../azure-role.json')

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: resourceGroupName
  location: location
}

resource jitRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'jit-bot')
  properties: {
    roleName: role.Name
    description: role.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: role.Actions
        notActions: role.NotActions
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

resource jitAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, resourceGroupName, 'jit-bot')
  properties: {
    roleDefinitionId: jitRole.id
    principalId: app.outputs.principalId
    principalType: 'ServicePrincipal'
  }
}

module app 'app.bicep' = {
  name: 'jit-bot'
  scope: group
  params: {
    location: location
    image: image
    slack: slack
    slackBotToken: slackBotToken
    slackSecret: slackSecret
    auditKey: auditKey
    policy: policy
  }
}

output address string = app.outputs.address
