import Glibc
import NIOCore
import RecordLog

/// A piece of a response: bytes, or a stretch of a log's file that is sent without being read.
enum FramePart {
  case bytes(ByteBuffer)
  case region(LogRegion)

  /// Below this, reading costs less than the calls around `sendfile`.
  private static let sendfileFrom = 32_768

  static func parts(of slice: LogSlice) -> [FramePart] {
    switch slice {
    case .batches(let batches):
      var bytes: [UInt8] = []
      bytes.reserveCapacity(slice.sizeInBytes)
      for batch in batches { batch.serialized(into: &bytes) }
      return [.bytes(ByteBuffer(bytes: bytes))]
    case .regions(let regions): return regions.map { .region($0) }
    }
  }

  /// What a channel can write. `canSendFiles` is false where bytes must pass through memory, as for TLS. Nil when the
  /// file cannot be read.
  func payload(canSendFiles: Bool) -> IOData? {
    switch self {
    case .bytes(let buffer): return .byteBuffer(buffer)
    case .region(let region):
      if canSendFiles, region.count >= Self.sendfileFrom, let handle = region.duplicate() {
        return .fileRegion(
          FileRegion(
            fileHandle: handle, readerIndex: region.position, endIndex: region.position + region.count))
      }
      return (try? region.read()).map { .byteBuffer(ByteBuffer(bytes: $0)) }
    }
  }
}

extension FramePart {
  /// Closes the file that was opened for sending, once it is sent or never will be.
  func closing(_ payload: IOData, on loop: any EventLoop) -> EventLoopPromise<Void>? {
    guard case .fileRegion(let region) = payload else { return nil }
    let promise = loop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { _ in try? region.fileHandle.close() }
    return promise
  }
}

extension LogRegion {
  /// A handle of its own, because the channel closes what it has sent.
  fileprivate func duplicate() -> NIOFileHandle? {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    return copy < 0 ? nil : NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: copy)
  }
}
