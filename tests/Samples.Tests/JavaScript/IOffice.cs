using Calc;
using Multiprocess;

namespace Samples.Tests.JavaScript;

public sealed record Guest(string Name, int Age, List<string?> Notes);

/// <summary>
/// What the calculator has no occasion for: the other kinds of members, and an interface that the caller implements.
/// </summary>
[IpcInterface]
public interface IOffice
{
    event Action<string>? Announced;

    string Name { get; set; }

    string? this[int index] { get; set; }

    void Increment(ref int value, int by);

    Guest Greet(Guest guest);

    ValueTask<string> TextAsync(string text);

    [IpcOneWay]
    void Post(string text);

    string Posted();

    void Announce(string text);

    string Use(ICalculator calculator, int a, int b);

    Task<int> UseSlowlyAsync(ICalculator calculator);

    ICalculator MakeCalculator();

    bool IsOurs(ICalculator calculator);

    void Fail(string message);

    void LetGo();

    int CountHeld();
}

internal sealed class Office(IpcConnection connection) : IOffice
{
    private readonly Dictionary<int, string?> _cells = [];
    private readonly List<string> _posts = [];
    private readonly Calculator _calculator = new();

    public event Action<string>? Announced;

    public string Name { get; set; } = "";

    public string? this[int index]
    {
        get => _cells[index];
        set => _cells[index] = value;
    }

    public void Increment(ref int value, int by) => value += by;

    public Guest Greet(Guest guest) => guest with { Age = guest.Age + 1 };

    public async ValueTask<string> TextAsync(string text)
    {
        await Task.Yield();
        return text + "!";
    }

    public void Post(string text) => _posts.Add(text);

    public string Posted() => string.Join(",", _posts);

    public void Announce(string text) => Announced?.Invoke(text);

    public string Use(ICalculator calculator, int a, int b)
    {
        try
        {
            int sum = calculator.Add(a, b);
            return calculator.TryDivide(a, b, out int quotient) ? $"{sum} and {quotient}" : "none";
        }
        catch (InvalidOperationException exception)
        {
            return exception.Message;
        }
    }

    public Task<int> UseSlowlyAsync(ICalculator calculator) => calculator.AddSlowlyAsync(20, 22);

    public ICalculator MakeCalculator() => _calculator;

    public bool IsOurs(ICalculator calculator) => ReferenceEquals(calculator, _calculator);

    public void Fail(string message) => throw new FormatException(message);

    /// <summary>Collects the proxies of what the other side passed, which releases them.</summary>
    public void LetGo()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (CountImports() > 0 && !patience.IsCancellationRequested)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Yield();
        }
    }

    /// <summary>The root, which is always held, is not counted.</summary>
    public int CountHeld() => connection.ListLiveObjects().Count - 1;

    private int CountImports() => connection.ListLiveObjects().Count(live => !live.IsExport);
}
