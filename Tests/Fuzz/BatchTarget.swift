import Bytes
import RecordLog

/// Bytes as a record batch, with the checksum mended so that what lies behind it is reached, and without.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  var bytes = Array(UnsafeBufferPointer(start: start, count: count))
  look(bytes)
  guard count >= 61 else { return 0 }
  var length = UInt32(count - 12).bigEndian
  withUnsafeBytes(of: &length) { bytes.replaceSubrange(8..<12, with: $0) }
  bytes[16] = 2
  var checksum = CRC32C.checksum(bytes[21...]).bigEndian
  withUnsafeBytes(of: &checksum) { bytes.replaceSubrange(17..<21, with: $0) }
  look(bytes)
  return 0
}

private func look(_ bytes: [UInt8]) {
  guard let batch = try? RecordBatch(validating: bytes) else { return }
  _ = batch.markerRecord
  if let keyless = try? batch.keyless(most: 10) { precondition(keyless.count <= batch.recordCount) }
  guard let records = try? batch.records() else { return }
  precondition(records.count <= bytes.count)
  _ = batch.serialized()
}
