import Workbench

/// Commands and their answers, as a session looks on paper.
func transcript(_ bench: inout Bench, _ lines: [String]) -> String {
  var text = ""
  for line in lines {
    text += "> \(line)\n"
    let answer = bench.run(line)
    if !answer.lines.isEmpty { text += answer.plain + "\n" }
  }
  return text
}
