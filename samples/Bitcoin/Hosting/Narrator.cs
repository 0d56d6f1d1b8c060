using System.Diagnostics;
using System.Globalization;
using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>Tells on the console what happens, each line with its process. Any thread may tell.</summary>
public sealed class Narrator(ThisProcess process, TextWriter output)
{
    private readonly Lock _gate = new();

    /// <summary>One that says nothing.</summary>
    public static Narrator Silent { get; } = new(new ThisProcess(""), TextWriter.Null);

    /// <summary>Writes a line.</summary>
    public void Say(string text)
    {
        lock (_gate)
        {
            // One write and a flush: the other process writes to the same console.
            output.Write($"[{process.Program} {Environment.ProcessId}] {text}{Environment.NewLine}");
            output.Flush();
        }
    }

    /// <summary>Does something, then says what it was, what came back and how long it took.</summary>
    public T Tell<T>(string what, Func<T> act, Func<T, string>? show = null)
    {
        long start = Stopwatch.GetTimestamp();
        T result = act();
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        Say($"{what} -> {(show is null ? result : show(result))}  ({Format(took)})");
        return result;
    }

    /// <summary>A duration for people.</summary>
    public static string Format(TimeSpan time)
    {
        return time.TotalMilliseconds < 10
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:0} µs")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");
    }

    /// <summary>A thread for people.</summary>
    public static string Format(ThreadStep step)
    {
        return $"{step.Program} {step.ProcessId}, thread {step.ThreadId} \"{step.ThreadName}\"";
    }
}
