import KafkaWire

extension Exchange {
  /// Hands the request to the API's own part.
  func serve(_ body: ArraySlice<UInt8>) throws {
    guard let api = WireAPI(rawValue: header.api), api.servedVersions.contains(version) else {
      // The one request that a client may send before it knows our versions.
      if header.api == WireAPI.apiVersions.rawValue { return refuseApiVersions() }
      throw UnservedRequest(api: header.api, version: version)
    }
    switch api {
    case .apiVersions: serve(try decode(ApiVersionsRequest.self, body))
    case .metadata: serve(try decode(WireMetadataRequest.self, body))
    default: throw UnservedRequest(api: header.api, version: version)
    }
  }
}
