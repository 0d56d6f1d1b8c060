namespace Bitcoin.Hosting;

/// <summary>A line of the log before it has its form.</summary>
/// <param name="Time">When it was written.</param>
/// <param name="Thread">The name of the thread that wrote it.</param>
/// <param name="Category">Its category; null for none.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Message">What it says, fit for one line.</param>
internal sealed record LogEntry(DateTimeOffset Time, string Thread, string? Category, string Level, string Message);
