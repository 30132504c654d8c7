import CMemoryFile

extension LiveCluster {
  /// Gives back the pages of the program that only its start needed: reading the command line and looking protocols up
  /// reach into most of it, serving into little. Two thirds of what an idle broker holds are such pages.
  public static func giveBackStartupPages() { _ = baedal_unmap_program_pages() }
}
