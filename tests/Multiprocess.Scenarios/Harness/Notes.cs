namespace Multiprocess.Scenarios.Harness;

/// <summary>What a scenario saw, in order. Thread-safe: callbacks note from wherever they run.</summary>
public sealed class Notes
{
    private readonly List<string> _lines = [];

    public string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public void Add(string what, object? value)
    {
        Kept.Keep();
        string line = what + ": " + Description.Of(value);
        lock (_lines)
        {
            _lines.Add(line);
        }
    }

    /// <summary>Notes what is thrown: type, message and members of the exception and of those inside it.</summary>
    public void Thrown(string what, Action act)
    {
        try
        {
            act();
            Add(what, "nothing was thrown");
        }
        catch (Exception exception)
        {
            Add(what, exception);
        }
    }

    /// <inheritdoc cref="Thrown(string, Action)"/>
    public async Task ThrownAsync(string what, Func<Task> act)
    {
        try
        {
            await act();
            Add(what, "nothing was thrown");
        }
        catch (Exception exception)
        {
            Add(what, exception);
        }
    }
}
