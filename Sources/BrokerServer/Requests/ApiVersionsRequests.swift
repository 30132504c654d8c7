import KafkaWire

extension Exchange {
  func serve(_ request: ApiVersionsRequest) {
    respond(Self.supported, as: .apiVersions)
  }

  /// A version that is newer than ours is answered in version 0, so that the client can read it and fall back (KIP-511).
  func refuseApiVersions() {
    var header = self.header
    header.version = 0
    var response = Self.supported
    response.error = .unsupportedVersion
    Exchange(connection: connection, header: header, slot: slot).respond(response, as: .apiVersions)
  }

  private static let supported: ApiVersionsResponse = {
    var response = ApiVersionsResponse()
    response.apis = WireAPI.allCases.map { api in
      var entry = ApiVersionsResponse.API()
      entry.key = api.rawValue
      entry.minVersion = api.versions.lowerBound
      entry.maxVersion = api.versions.upperBound
      return entry
    }
    return response
  }()
}
