namespace Multiprocess.Tests.Calls;

public enum Fruit
{
    Apple = 1,
    Pear = 200,
}

public struct Nothing
{
}

public sealed record Everything(
    string Name,
    SortedSet<int> Numbers,
    HashSet<string> Words,
    List<bool> Flags,
    int? Optional,
    Dictionary<string, int> Counts,
    (int, string) Pair,
    Fruit Fruit,
    byte[] Blob,
    DateTimeOffset When,
    TimeSpan HowLong,
    Everything? Inner);

[IpcFault]
public sealed class TooManyException(
    string message, int limit, string[] names, Exception? innerException = null) : Exception(message, innerException)
{
    public int Limit { get; } = limit;

    public string[] Names { get; } = names;
}

[IpcInterface]
public interface IFeedback
{
    string Say(string text);
}

[IpcInterface]
public interface ILoudFeedback : IFeedback
{
    string Shout(string text);
}

public delegate string Relay(string text, Func<string, string> next);

public delegate bool Parse(string text, ref int sum, out int value);

/// <summary>One method for every shape that a method can have.</summary>
[IpcInterface]
public interface IShapes
{
    int Add(int a, int b);

    void AddOut(int a, int b, out int sum);

    void AddOnto(int a, ref int sum);

    int AddIn(in int a, in long b);

    bool TryEverything(ref string text, out int? length, out List<string>? parts);

    Everything Echo(Everything value);

    Nothing EchoNothing(Nothing value);

    byte[] EchoBytes(byte[] value);

    Fruit EchoFruit(Fruit value);

    double EchoDouble(double value);

    List<byte[]?> EchoBlobs(List<byte[]?> value);

    string? EchoText(string? value);

    void Raise(Everything value, string message);

    string Ask(IFeedback feedback, string text);

    string AskLoudly(ILoudFeedback feedback, string text);

    int Evaluate(Func<int> function);

    string PassOn(Relay relay, string text);

    int ParseAll(Parse parse, string[] texts);

    void Save(IFeedback? feedback);

    string AskSaved(string text);

    bool HasSaved { get; }

    Func<int, int> MakeAdder(int amount);
}

internal sealed class Shapes : IShapes
{
    private IFeedback? _saved;

    public bool HasSaved => _saved is not null;

    public int Add(int a, int b) => a + b;

    public void AddOut(int a, int b, out int sum) => sum = a + b;

    public void AddOnto(int a, ref int sum) => sum += a;

    public int AddIn(in int a, in long b) => a + (int)b;

    public bool TryEverything(ref string text, out int? length, out List<string>? parts)
    {
        if (text.Length == 0)
        {
            length = null;
            parts = null;
            return false;
        }

        length = text.Length;
        parts = [.. text.Split(' ')];
        text = text.ToUpperInvariant();
        return true;
    }

    public Everything Echo(Everything value) => value;

    public Nothing EchoNothing(Nothing value) => value;

    public byte[] EchoBytes(byte[] value) => value;

    public Fruit EchoFruit(Fruit value) => value;

    public double EchoDouble(double value) => value;

    public List<byte[]?> EchoBlobs(List<byte[]?> value) => value;

    public string? EchoText(string? value) => value;

    public void Raise(Everything value, string message)
        => throw new TooManyException(message, value.Numbers.Count, [.. value.Words], new FormatException("inside"));

    public string Ask(IFeedback feedback, string text) => feedback.Say(text);

    public string AskLoudly(ILoudFeedback feedback, string text) => feedback.Say(text) + feedback.Shout(text);

    public int Evaluate(Func<int> function) => function();

    public string PassOn(Relay relay, string text) => relay(text, inner => $"<{inner}>");

    public int ParseAll(Parse parse, string[] texts)
    {
        int sum = 0;
        foreach (string text in texts)
        {
            sum += parse(text, ref sum, out int value) ? value : 0;
        }

        return sum;
    }

    public void Save(IFeedback? feedback) => _saved = feedback;

    public string AskSaved(string text) => _saved!.Say(text);

    public Func<int, int> MakeAdder(int amount) => x => x + amount;
}

internal sealed class Feedback : ILoudFeedback
{
    public int Calls { get; private set; }

    public string Say(string text)
    {
        Calls++;
        return text + "!";
    }

    public string Shout(string text) => text.ToUpperInvariant();
}
