import Bytes
import EventSourcing

extension Order.Event {
  /// As the first version wrote it: an order had no wish for the rider then. What it lacks is filled in by
  /// `init(from:version:)`; the log is never rewritten.
  public func encodedAsFirst() -> [UInt8] {
    guard case .placed(let basket) = self else {
      var bytes = encoded()
      bytes[0] = 1
      return bytes
    }
    var writer = ByteWriter(capacity: 64)
    writer.write(1 as UInt8)
    writer.write(1 as UInt8)
    basket.encodeFirst(into: &writer)
    return writer.bytes
  }
}

extension Order.Command {
  /// As an engine of the first version understands it: it cannot write a wish down, so it does not hear one.
  var inFirstForm: Order.Command {
    guard case .place(var basket) = self else { return self }
    basket.wish = ""
    return .place(basket)
  }
}
