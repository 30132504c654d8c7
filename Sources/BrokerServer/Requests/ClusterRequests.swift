import Broker
import Clockwork
import KafkaWire

extension Exchange {
  func serve(_ request: DescribeClusterRequest) {
    var response = DescribeClusterResponse()
    response.endpointType = request.endpointType
    guard request.endpointType == 1 else {
      response.error = request.endpointType == 2 ? .mismatchedEndpointType : .unsupportedEndpointType
      response.message = "This is a broker, which knows endpoints of type 1, brokers. Try: ask for those"
      return respond(response, as: .describeCluster)
    }
    let image = server.node.look { $0.image } ?? MetadataImage()
    response.clusterID = image.clusterID
    // As in metadata: any broker forwards to the controller.
    response.controllerID = image.isLive(server.node.id) ? server.node.id.rawValue : -1
    response.brokers = image.liveBrokers.compactMap { id in
      server.endpoint(of: id).map { endpoint in
        var broker = DescribeClusterResponse.Broker()
        broker.id = id.rawValue
        broker.host = endpoint.host
        broker.port = Int32(endpoint.port)
        broker.rack = image.broker(id)?.endpoint?.rack
        return broker
      }
    }
    if request.includeClusterAuthorizedOperations { response.clusterAuthorizedOperations = clusterOperations(access) }
    respond(response, as: .describeCluster)
  }
}
