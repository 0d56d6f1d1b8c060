using Multiprocess.Generator.Tests.Behaviour;
using Multiprocess.Generator.Tests.Harness;

[assembly: Multiprocess.IpcClosedInterface(typeof(IRepository<Guid>))]

namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>A generic contract: generated where a signature closes it.</summary>
[IpcInterface]
public interface IRepository<T>
    where T : notnull
{
    event Action<T>? Added;

    int Count { get; }

    void Add(T item);

    T[] All();

    IRepository<string> Texts();
}

[IpcInterface]
public interface IRepositories
{
    IRepository<Person> People { get; }

    IRepository<int> Copy(IRepository<int> from);
}

internal class Repository<T> : IRepository<T>
    where T : notnull
{
    private readonly List<T> _items = [];

    public event Action<T>? Added;

    public int Count => _items.Count;

    public void Add(T item)
    {
        _items.Add(item);
        Added?.Invoke(item);
    }

    public T[] All() => [.. _items];

    public IRepository<string> Texts()
    {
        var texts = new Repository<string>();
        _items.ForEach(item => texts.Add(item.ToString()!));
        return texts;
    }
}

/// <summary>The root of a connection: a closed contract by a name of its own.</summary>
[IpcInterface]
public interface IDates : IRepository<DateOnly>;

internal sealed class Dates : Repository<DateOnly>, IDates;

internal sealed class Repositories : IRepositories
{
    public IRepository<Person> People { get; } = new Repository<Person>();

    public IRepository<int> Copy(IRepository<int> from)
    {
        var copy = new Repository<int>();
        foreach (int item in from.All())
        {
            copy.Add(item);
        }

        return copy;
    }
}

[TestFixture(Reached.Directly)]
[TestFixture(Reached.ThroughProxy)]
[CancelAfter(30_000)]
public sealed class ClosedGenericTests(Reached reached)
{
    private readonly Subject<IRepositories> _subject = new(new Repositories(), reached);

    [OneTimeTearDown]
    public void End() => _subject.Dispose();

    [Test]
    public void Closed_contract_crosses_by_reference()
    {
        var heard = new List<string>();
        var people = _subject.Root.People;
        people.Added += person => heard.Add(person.Name);

        people.Add(new Person("Ada", 36));

        Assert.That((people.Count, people.All()[0].Name), Is.EqualTo((1, "Ada")));
        Assert.That(heard, Is.EqualTo(new[] { "Ada" }));
        Assert.That(_subject.Root.People, Is.SameAs(people));
    }

    [Test]
    public void Closed_contract_is_a_root_under_a_name_of_its_own()
    {
        using var pair = IpcTestPair.Create<IDates>(new Dates());

        pair.Root.Add(new DateOnly(2024, 2, 29));

        Assert.That(((IRepository<DateOnly>)pair.Root).All(), Is.EqualTo(new[] { new DateOnly(2024, 2, 29) }));
    }

    [Test]
    public void Contract_that_nothing_closes_says_how_to()
    {
        Assert.That(
            Create<Half>,
            Throws.InvalidOperationException.With.Message.Contains("IRepository`1[System.Half]").And.Message.Contains(
                "IpcClosedInterface"));

        static IpcTestPair<IRepository<T>> Create<T>() where T : notnull
            => IpcTestPair.Create<IRepository<T>>(new Repository<T>());
    }

    [Test]
    public void Closed_contract_that_the_assembly_names_is_a_root()
    {
        using var subject = new Subject<IRepository<Guid>>(new Repository<Guid>(), reached);
        var id = Guid.NewGuid();
        var heard = new List<Guid>();
        subject.Root.Added += heard.Add;

        subject.Root.Add(id);

        Assert.That(subject.Root.All(), Is.EqualTo(new[] { id }));
        Assert.That(heard, Is.EqualTo(new[] { id }));
        Assert.That(subject.Root.Texts().All(), Is.EqualTo(new[] { id.ToString() }));
    }

    [Test]
    public void Closed_contract_of_another_assembly_is_a_root_at_both_ends()
    {
        // The contract, its type argument and the mention are in one assembly; the peer of another version is a second
        // one.
        const string peer = """
            [assembly: Multiprocess.IpcClosedInterface(typeof(Multiprocess.Generator.Tests.Behaviour.IRepository<int>))]

            namespace Multiprocess.Generator.Tests.Behaviour
            {
                [Multiprocess.IpcInterface]
                public interface IRepository<T> { int Count { get; } }

                public sealed class Seven : IRepository<int>
                {
                    public int Count => 7;

                    public static System.IDisposable Listen(string address) => Multiprocess.IpcServer.Listen<IRepository<int>>(address, _ => new Seven());
                }
            }
            """;
        using var other = OtherVersion.Listen(peer);
        using var connection = IpcConnection.Connect<IRepository<int>>(other.Address);

        Assert.That(connection.Root.Count, Is.EqualTo(7));
    }

    [Test]
    public void Closed_contract_may_close_itself_otherwise()
    {
        var numbers = new Repository<int>();
        numbers.Add(4);
        numbers.Add(2);

        var copy = _subject.Root.Copy(numbers);

        Assert.That(copy.All(), Is.EqualTo(new[] { 4, 2 }));
        Assert.That(copy.Texts().All(), Is.EqualTo(new[] { "4", "2" }));
    }
}
