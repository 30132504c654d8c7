import EventSourcing

extension EngineEvent {
  /// The event in a word or two, as a history tells it: `placed`, `rider assigned`.
  public var word: String {
    let whole =
      switch self {
      case .order(let event): "\(event)"
      case .ticket(let event): "\(event)"
      case .payment(let event): "\(event)"
      case .rider(let event): "\(event)"
      case .trip(let event): "\(event)"
      case .board(let event): "\(event)"
      case .party(let event): "\(event)"
      }
    var word = ""
    for letter in whole.prefix(while: { $0 != "(" }) {
      if letter.isUppercase { word += " " }
      word += letter.lowercased()
    }
    return word
  }
}
