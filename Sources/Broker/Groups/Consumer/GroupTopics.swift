/// What a coordinator has to know of the metadata: topics' names, identities and sizes, and what was set for groups.
public struct GroupTopics: Sendable {
  public struct Topic: Hashable, Sendable {
    public var name: String
    public var id: TopicUUID
    public var partitions: Int32

    public init(name: String, id: TopicUUID, partitions: Int32) {
      self.name = name
      self.id = id
      self.partitions = partitions
    }
  }

  /// Tells one state of the metadata from another.
  public let version: Int64
  /// Sorted by name.
  public let topics: [Topic]
  private var settings: [GroupOverride] = []

  public init(version: Int64 = 0, _ topics: [Topic] = []) {
    self.version = version
    self.topics = topics.sorted { $0.name < $1.name }
  }

  func setup(_ setup: GroupSetup, of group: String) -> GroupSetup {
    settings.isEmpty ? setup : setup.with(settings, of: group)
  }

  public init(_ image: MetadataImage) {
    self.init(
      version: image.appliedThrough,
      image.topics.map { topic in
        Topic(name: topic.name, id: image.uuid(of: topic.id), partitions: Int32(topic.partitions.count))
      })
    settings = image.groupConfigs
  }

  func topic(named name: String) -> Topic? {
    let place = topics.firstPlace { $0.name >= name }
    return place < topics.count && topics[place].name == name ? topics[place] : nil
  }
}
