import Clockwork
import RecordLog

/// Why a broker cannot use its folder.
public enum DataError: Error, Hashable, CustomStringConvertible {
  case inUse(String, by: String)
  case otherBroker(String, wrote: String, wants: String)
  case unreadable(String, String)
  /// `journal` is there, but is none of ours or of another version.
  case foreignJournal
  case damagedJournal(at: Int)

  public var description: String {
    switch self {
    case .inUse(let path, let process):
      "The folder \(path) is in use by process \(process). Expected: one broker per folder. Stop it, or give another "
        + "--data."
    case .otherBroker(let path, let wrote, let wants):
      "The folder \(path) belongs to \(wrote). Expected: \(wants). Start the broker it belongs to, or give another "
        + "--data."
    case .unreadable(let path, let reason):
      "\(path) cannot be used: \(reason). Expected: a folder that this user may write, with what a broker left in it. "
        + "Mend it, or give another --data."
    case .foreignJournal:
      "__cluster_metadata-0/journal was not written by this version. Expected: the metadata journal of this version. "
        + "Use the version that wrote it, or give another --data."
    case .damagedJournal(let place):
      "__cluster_metadata-0/journal is damaged at byte \(place), before its end. Expected: whole records, but for a "
        + "last one cut short. Restore the folder from a copy, or give an empty one with --data and let the others "
        + "bring it up to date."
    }
  }
}
