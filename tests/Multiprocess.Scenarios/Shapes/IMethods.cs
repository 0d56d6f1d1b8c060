using System.Buffers;

namespace Multiprocess.Scenarios.Shapes;

public delegate bool TryParse(string text, ref int calls, out int value);

public delegate string Relay(string text, Func<string, string> next);

[IpcFault]
public sealed class QuotaException(
    string message, int limit, string[] names, Exception? inner = null) : Exception(message, inner)
{
    public int Limit { get; } = limit;

    public string[] Names { get; } = names;

    [IpcSensitive]
    public string? Password { get; init; }
}

/// <summary>Derives from one of the base library's, and makes its message itself.</summary>
[IpcFault]
public sealed class WrongKeyException(string key) : InvalidOperationException($"The key {key} is wrong.")
{
    public string Key { get; } = key;
}

/// <summary>Makes its message of a text that is not kept.</summary>
[IpcFault]
public sealed class OutOfStockException(string sku) : Exception($"Out of stock: {sku}");

/// <summary>Has one message only.</summary>
[IpcFault]
public sealed class DeniedException() : Exception("Access denied");

/// <summary>Shows more than it keeps.</summary>
[IpcFault]
public sealed class ShownException(string text) : Exception(text)
{
    public override string Message => $"<{base.Message}>";
}

/// <summary>Has a message without having been given one.</summary>
[IpcFault]
public sealed class ReasonException : Exception
{
    public required string Why { get; init; }

    public override string Message => $"because {Why}";
}

/// <summary>Takes its inner exception first, and a number into its message.</summary>
[IpcFault]
public sealed class ReversedException(
    Exception? inner, string text, int number = 3) : InvalidOperationException($"{number}: {text}", inner)
{
    public int Number { get; } = number;
}

/// <summary>Every way in which a method can take and give.</summary>
[IpcInterface]
public interface IMethods
{
    void Nothing();

    int Add(int a, int b);

    void AddOut(int a, int b, out int sum);

    void AddOnto(int a, ref int sum);

    long AddIn(in int a, ref readonly long b);

    bool TryEverything(ref string text, out int? length, out List<string>? parts);

    void Sort(ref Dictionary<string, int?> counts);

    string Join(string separator = "-", int repeat = 2, DayOfWeek day = DayOfWeek.Friday, params string[] parts);

    string Total(params List<int> numbers);

    string Overloaded(int value);

    string Overloaded(string value);

    string Overloaded(int? value);

    string Overloaded(List<int> value);

    Task RunAsync();

    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    ValueTask RunSlimAsync();

    ValueTask<string?> TextAsync(string? text);

    Task<int> WaitAsync(CancellationToken cancellationToken, int result);

    int Wait(CancellationToken cancellationToken);

    [IpcMethod(TimeoutMilliseconds = 600_000)]
    int Limited(int value);

    [IpcMethod(77)]
    string Named();

    int Sum(ReadOnlySpan<byte> bytes);

    int SumLater(ReadOnlySpan<byte> bytes, Func<int, int> each);

    void Keep(ReadOnlyMemory<byte> memory, ReadOnlySequence<byte> sequence);

    string Kept();

    void Report(IProgress<int> progress, int count);

    [IpcOneWay]
    void Post(string text);

    string Posted();

    string Need(string text, string? other);

    void Throw(string kind);

    /// <summary>Items of which the third one throws.</summary>
    IEnumerable<int> Broken(string kind);

    Task<IEnumerable<int>> BrokenAsync(string kind);

    Task ThrowAsync(string kind);

    int Parse(TryParse parse, params string[] texts);

    string PassOn(Relay relay, string text);

    int Evaluate(Func<int> function);

    Task<string> EvaluateAsync(Func<int, CancellationToken, Task<int>> function, Func<ValueTask> end);

    List<byte[]?> Blobs(List<byte[]?> blobs);
}

public sealed class Methods : IMethods
{
    private readonly List<string> _posts = [];
    private string _kept = "";

    public void Nothing()
    {
    }

    public int Add(int a, int b) => checked(a + b);

    public void AddOut(int a, int b, out int sum) => sum = a + b;

    public void AddOnto(int a, ref int sum) => sum += a;

    public long AddIn(in int a, ref readonly long b) => a + b;

    public bool TryEverything(ref string text, out int? length, out List<string>? parts)
    {
        bool hasText = text.Length != 0;
        length = hasText ? text.Length : null;
        parts = hasText ? [.. text.Split(' ')] : null;
        text = text.ToUpperInvariant();
        return hasText;
    }

    public void Sort(ref Dictionary<string, int?> counts)
        => counts = counts.Where(pair => pair.Value is not null).ToDictionary(
            pair => pair.Key + "!", pair => pair.Value * 2);

    public string Join(string separator, int repeat, DayOfWeek day, params string[] parts)
        => string.Join(separator, Enumerable.Repeat(string.Join(separator, parts), repeat)) + " " + day;

    public string Total(params List<int> numbers) => $"{numbers.Count}: {numbers.Sum()}";

    public string Overloaded(int value) => $"int {value}";

    public string Overloaded(string value) => $"string {value}";

    public string Overloaded(int? value) => $"int? {value}";

    public string Overloaded(List<int> value) => $"list {value.Count}";

    public Task RunAsync() => Task.CompletedTask;

    public async Task<int> AddAsync(int a, int b, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return a + b;
    }

    public async ValueTask RunSlimAsync() => await Task.Yield();

    public ValueTask<string?> TextAsync(string? text) => new(text is null ? null : text + "!");

    public async Task<int> WaitAsync(CancellationToken cancellationToken, int result)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return result;
    }

    public int Wait(CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne();
        cancellationToken.ThrowIfCancellationRequested();
        return 1;
    }

    public int Limited(int value) => value;

    public string Named() => "77";

    public int Sum(ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        foreach (byte value in bytes)
        {
            sum += value;
        }

        return sum;
    }

    public int SumLater(ReadOnlySpan<byte> bytes, Func<int, int> each)
    {
        int sum = 0;
        foreach (byte value in bytes)
        {
            sum += each(value);
        }

        return sum;
    }

    public void Keep(ReadOnlyMemory<byte> memory, ReadOnlySequence<byte> sequence)
        => _kept = Convert.ToHexString(memory.Span) + " " + Convert.ToHexString(sequence.ToArray());

    public string Kept() => _kept;

    public void Report(IProgress<int> progress, int count)
    {
        for (int i = 0; i < count; i++)
        {
            progress.Report(i);
        }
    }

    public void Post(string text) => _posts.Add(text);

    public string Posted() => string.Join(",", _posts);

    public string Need(string text, string? other) => text + other;

    public void Throw(string kind) => throw Make(kind);

    public IEnumerable<int> Broken(string kind)
    {
        yield return 1;
        yield return 2;
        throw Make(kind);
    }

    public Task<IEnumerable<int>> BrokenAsync(string kind)
        => Task.FromResult(new[] { 1, 2 }.Select(item => item == 1 ? item : throw Make(kind)));

    public async Task ThrowAsync(string kind)
    {
        await Task.Yield();
        throw Make(kind);
    }

    public int Parse(TryParse parse, params string[] texts)
    {
        int calls = 0;
        int sum = 0;
        foreach (string text in texts)
        {
            sum += parse(text, ref calls, out int value) ? value : -1;
        }

        return (sum * 100) + calls;
    }

    public string PassOn(Relay relay, string text) => relay(text, inner => $"<{inner}>");

    public int Evaluate(Func<int> function) => function();

    public async Task<string> EvaluateAsync(Func<int, CancellationToken, Task<int>> function, Func<ValueTask> end)
    {
        int first = await function(1, CancellationToken.None);
        using var source = new CancellationTokenSource();
        Task<int> waiting = function(0, source.Token);
        await source.CancelAsync();
        string second;
        try
        {
            second = $"{await waiting}";
        }
        catch (OperationCanceledException)
        {
            second = "cancelled";
        }

        await end();
        return $"{first} {second}";
    }

    public List<byte[]?> Blobs(List<byte[]?> blobs) => blobs;

    private static Exception Make(string kind) => kind switch
    {
        "fault" => new QuotaException(
            "too much", 9, ["a", "b"], new FormatException("inside", new TimeoutException("late"))),
        "derived" => new WrongKeyException("colour"),
        "formatted" => new OutOfStockException("A-1"),
        "fixed" => new DeniedException(),
        "shown" => new ShownException("m"),
        "shown inside" => new QuotaException("outer", 1, [], new ShownException("m")),
        "reason" => new ReasonException { Why = "w" },
        "reversed" => new ReversedException(new ShownException("f"), "t", 9),
        "reversed alone" => new ReversedException(null, "t"),
        "argument" => new ArgumentException("It is wrong.", nameof(kind)),
        "null" => new ArgumentNullException(nameof(kind)),
        "range" => new ArgumentOutOfRangeException(nameof(kind), "It is too large."),
        "disposed" => new ObjectDisposedException("the thing"),
        "file" => new FileNotFoundException("It is not there.", "a.txt"),
        "key" => new KeyNotFoundException("No such key."),
        "cancelled" => new OperationCanceledException("Not any more."),
        "zero" => new DivideByZeroException(),
        _ when int.TryParse(kind, out int number) => StandardExceptions.Make(number),
        _ => new InvalidOperationException("It cannot be done now."),
    };
}
