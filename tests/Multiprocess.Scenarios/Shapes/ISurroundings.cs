using System.Globalization;

namespace Multiprocess.Scenarios.Shapes;

public record Base(int Number);

public sealed record Derived(int Number, string Text) : Base(Number);

public sealed class UndeclaredException(string message) : Exception(message);

public enum Signal
{
    Stop,
    Go,
}

[IpcInterface]
public interface IPlain
{
    int Number { get; }
}

/// <summary>Shows what a method sees around it: thread, culture, context, locks, memory.</summary>
[IpcInterface]
public interface ISurroundings
{
    int ThreadId { get; }

    string DecimalSeparator { get; }

    string? Ambient { get; }

    Task<int> StartOfAsync();

    /// <summary>Throws without ever having a task.</summary>
    Task ThrowAtOnceAsync();

    /// <summary>Never looks at its token.</summary>
    bool Ignore(CancellationToken cancellationToken);

    /// <summary>Fails with two exceptions.</summary>
    Task FailTwiceAsync();

    void Append(List<int> list);

    void Throw(string kind);

    void Set(ref int variable, Action inside);

    [IpcOneWay]
    void ThrowUnheard();

    Base Take(Base value);

    int Count(Dictionary<string, int> values);

    string Name(Signal signal);

    IPlain Make();

    /// <summary>Blocks for a moment once <paramref name="before"/> has run; an interrupt ends that.</summary>
    bool Block(Action before);

    string Speak();

    void Pull(IEnumerable<int> numbers, Action before);
}

public sealed class Surroundings : ISurroundings
{
    public static readonly AsyncLocal<string?> Local = new();

    public int ThreadId => Environment.CurrentManagedThreadId;

    public string DecimalSeparator => CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator;

    public string? Ambient => Local.Value;

    public Task ThrowAtOnceAsync() => throw new InvalidOperationException("at once");

    public async Task<int> StartOfAsync()
    {
        int thread = Environment.CurrentManagedThreadId;
        await Task.Yield();
        return thread;
    }

    public bool Ignore(CancellationToken cancellationToken) => true;

    public Task FailTwiceAsync()
        => Task.WhenAll(
            Task.FromException(new InvalidOperationException("first")),
            Task.FromException(new FormatException("second")));

    public void Append(List<int> list) => list.Add(1);

    public void Throw(string kind)
    {
        var exception = kind == "undeclared"
            ? (Exception)new UndeclaredException("mine")
            : new InvalidOperationException("known");
        exception.Data["key"] = "value";
        throw exception;
    }

    public void Set(ref int variable, Action inside)
    {
        variable = 5;
        inside();
    }

    public void ThrowUnheard() => throw new InvalidOperationException("unheard");

    public Base Take(Base value) => value;

    public int Count(Dictionary<string, int> values) => values.Count;

    public string Name(Signal signal) => signal.ToString();

    public IPlain Make() => new Plain();

    public bool Block(Action before)
    {
        before();

        // Whatever blocks would do: this is where an interrupt is seen.
        Thread.Sleep(1);
        return true;
    }

    public string Speak() => "spoken";

    public void Pull(IEnumerable<int> numbers, Action before)
    {
        before();
        _ = numbers.Sum();
    }

    public override string ToString() => "the surroundings";

    private sealed class Plain : IPlain, ISurroundingsMarker
    {
        public int Number => 1;
    }
}

/// <summary>What an object is beside its contract.</summary>
public interface ISurroundingsMarker;
