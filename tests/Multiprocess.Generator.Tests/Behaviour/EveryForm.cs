namespace Multiprocess.Generator.Tests.Behaviour;

internal sealed class Node(int number) : INode
{
    public int Number { get; set; } = number;

    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;
}

internal sealed class EveryForm : IEveryForm
{
    private readonly Dictionary<(int, string), int> _cells = [];
    private readonly List<string> _posts = [];

    public event Action<int>? Counted;

    public event EventHandler<MovedEventArgs>? Moved;

    public string Name { get; set; } = "none";

    public int this[int index, string @event]
    {
        get => _cells[(index, @event)];
        set => _cells[(index, @event)] = value;
    }

    string IFirstBase.Reset() => "first";

    string ISecondBase.Reset() => "second";

    public Page<Person?> Echo(Page<Person?> item) => item;

    public bool TryDivide(int a, int b, out int quotient)
    {
        quotient = b == 0 ? 0 : a / b;
        return b != 0;
    }

    public void Increment(ref int value, in long by) => value += (int)by;

    public Person Grow(Person person) => person with { Age = person.Age + 1 };

    public Person? Find(string? name) => name is null ? null : new Person(name, 1);

    public Settings Load(Settings settings) => settings;

    public (int Sum, string? Text) Mix((int A, int B) numbers, Point? point, Color color, params int[] more)
        => (numbers.A + numbers.B + (point?.X ?? 0) + more.Sum(), color == Color.Red ? null : color.ToString());

    public (int, int, int, int, int, int, int, string, int) Long((int, int, int, int, int, int, int, string, int) tuple)
        => tuple;

    public INode? Child(int number) => number < 0 ? null : new Node(number);

    public int Sum(ReadOnlySpan<byte> bytes, Func<int, int> each)
    {
        int sum = 0;
        foreach (byte b in bytes)
        {
            sum += each(b);
        }

        return sum;
    }

    public bool IsSame(INode a, INode b) => ReferenceEquals(a, b);

    public Handle Wrap(Handle handle) => handle with { Callback = x => x + handle.Node.Number };

    public int Parse(TryParse parse, string text)
    {
        int calls = 1;
        return parse(text, ref calls, out int value) ? value + calls : -calls;
    }

    public async Task<int> AddAsync(int a, int b, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return a + b;
    }

    public async Task RunAsync(Func<string, Task<int>> callback)
        => Name = "ran " + await callback("go").ConfigureAwait(false);

    public ValueTask<string?> TextAsync(string? text) => new(text is null ? null : text + "!");

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
        => await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);

    public void Post(string text) => _posts.Add(text);

    public string Posted() => string.Join(",", _posts);

    public void Report(IProgress<string> progress)
    {
        progress.Report("a");
        progress.Report("b");
    }

    public void Fail(int limit)
        => throw new QuotaException("too much", limit, new InvalidOperationException("why")) { Level = Color.Green };

    public void Raise(int value)
    {
        Counted?.Invoke(value);
        Moved?.Invoke(this, new MovedEventArgs(value));
    }

    public int WithBody() => 3;
}
