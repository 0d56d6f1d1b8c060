namespace Example.Shop;

/// <summary>Gives back what it is given.</summary>
public sealed class Shop : IShop
{
    private readonly Dictionary<string, int> _stock = [];
    private readonly Desk _desk = new("first");

    public event Action<string>? Sold;

    public event EventHandler<int>? Counted;

    public string? Name { get; set; } = "Corner";

    public IDesk Desk => _desk;

    public int this[string article]
    {
        get => _stock.GetValueOrDefault(article);
        set => _stock[article] = value;
    }

    public int Add(int a, int b) => a + b;

    public long Add(long a, long b, long c) => a + b + c;

    public string Echo(string text) => text;

    public string? EchoNull(string? text) => text;

    public bool TryDivide(int a, int b, out int quotient, ref long count)
    {
        count++;
        quotient = b == 0 ? 0 : a / b;
        return b != 0;
    }

    public async Task<int> AddSlowlyAsync(int a, int b, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        return a + b;
    }

    public async ValueTask PauseAsync(int milliseconds, CancellationToken cancellationToken = default)
        => await Task.Delay(milliseconds, cancellationToken).ConfigureAwait(false);

    public void Note(string text) => Name = text;

    public void Reset() => _stock.Clear();

    public void Fail(string message) => throw new InvalidOperationException(message, new FormatException("inner"));

    public Numbers Numbers(Numbers numbers) => numbers;

    public Times Times(Times times) => times;

    public Texts Texts(Texts texts) => texts;

    public Collections Collections(Collections collections) => collections;

    public Person Greet(Person person, Role? role)
        => role is { } given ? person with { Roles = [.. person.Roles, given] } : person;

    public Shape Scale(Shape shape, double factor) => shape switch
    {
        Circle circle => new Circle(circle.Radius * factor),
        Square square => new Square(square.Side * factor),
        _ => shape,
    };

    public Keyed Keyed(Keyed value) => value;

    public Mapped Mapped(Mapped value) => value;

    public string Login(string user, string password) => $"token-of-{user}-{password}";

    public Account Open(Account account) => account;

    public Temperature Warm(Temperature by) => new(20 + by.Celsius);

    public IDisposable Watch(Action<int, string> onTick)
    {
        onTick(1, "one");
        onTick(2, "two");
        return new Desk("watch");
    }

    public int Ask(Func<int, int> question) => question(20) + 1;

    public int Visit(IVisitor visitor) => visitor.Visit("here");

    public async IAsyncEnumerable<Person> People(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return new Person($"P{i}", i, []);
        }
    }

    public async Task<int> SumAsync(IAsyncEnumerable<int> numbers)
    {
        int sum = 0;
        await foreach (int number in numbers.ConfigureAwait(false))
        {
            sum += number;
        }

        return sum;
    }

    public int Measure(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return (int)copy.Length;
    }

    public void Sell(string article, int count)
    {
        Sold?.Invoke(article);
        Counted?.Invoke(this, count);
    }

    public string Order(
        string article,
        int count,
        Role role,
        string? note,
        Point where,
        CancellationToken cancellationToken)
        => $"{article} {count} {role} {note ?? "null"} {where.X},{where.Y}";

    public string Defaults(
        bool truth,
        char mark,
        string text,
        byte small,
        long low,
        ulong high,
        float single,
        double none,
        double below,
        decimal money,
        Rights rights,
        Role odd,
        Role? maybe,
        DayOfWeek day,
        Guid id,
        DateTime when,
        (int, Point) pair,
        int? number,
        string secret)
        => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{truth}|{mark}|{text}|{small}|{low}|{high}|{single}|{none}|{below}|{money}|{rights}|{odd}|{maybe}|{day}|"
                + $"{id}|{when.Ticks}|{pair.Item1},{pair.Item2.X}|{number}|{secret}");

    public string Total(string label, params int[] numbers) => $"{label} {numbers.Length} {numbers.Sum()}";

    public string Between(int first, string second) => $"{first} {second}";

    public string Between(string second) => second;

    public string Book(DateTime day) => $"{day.Ticks} {day.Kind}";

    public Parcel Pack(Parcel parcel) => parcel;

    public Labels Label(Labels labels) => labels;

    public bool IsMine(IDesk desk) => ReferenceEquals(desk, _desk);

    // Until the peer gives up: who waits is what the tool is asked about.
    public void Block()
    {
        using var never = new ManualResetEventSlim();
        try
        {
            never.Wait(Multiprocess.IpcCall.Current!.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Its caller has gone.
        }
    }
}

/// <summary>An object that is handed out.</summary>
internal sealed class Desk(string label) : IDesk
{
    public string Label => label;

    public IDesk Next(string label) => new Desk(label);

    public void Dispose()
    {
    }
}
