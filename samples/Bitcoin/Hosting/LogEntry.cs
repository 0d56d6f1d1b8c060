namespace Bitcoin.Hosting;

/// <summary>A line of the log before it is formatted.</summary>
/// <param name="Time">The time when it was written.</param>
/// <param name="Thread">The name of the thread that wrote it.</param>
/// <param name="Category">Its category; null for none.</param>
/// <param name="Level">Its level.</param>
/// <param name="Message">The message, safe for one line.</param>
internal sealed record LogEntry(DateTimeOffset Time, string Thread, string? Category, string Level, string Message);
