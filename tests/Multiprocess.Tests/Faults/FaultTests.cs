using System.Diagnostics;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Faults;

public sealed class FaultTests(IpcTestTransport transport) : PairFixture(transport)
{
    private static readonly Exception s_inner = new FormatException("inside");

    [Test]
    public void A_stack_is_not_copied_at_each_of_many_nested_calls()
    {
        const int Depth = 300;
        const int MostBytesOfOneCall = 20_000;
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage { OnCallBack = (x, callback) => callback(x) });
        pair.Root.Call(1);
        long before = Sent(pair);

        Exception? thrown = TestThread.Run(() => Assert.Catch(() => Nest(pair.Root, Depth)));

        Assert.That(thrown, Is.TypeOf<FormatException>());
        Assert.That(thrown!.StackTrace, Does.Contain(nameof(ThrowInnermost)).And.Contain("passed through many calls"));
        Assert.That(
            (Sent(pair) - before) / (2 * Depth), Is.LessThan(MostBytesOfOneCall), "bytes for one level, both ways");

        static int Nest(IStage root, int depth) => root.CallBack(
            depth, x => x == 0 ? ThrowInnermost() : Nest(root, x - 1));
        static int ThrowInnermost() => throw new FormatException("innermost");
        static long Sent(IpcTestPair<IStage> pair)
            => pair.Server.Core.Transferred.BytesSent + pair.Client.Core.Transferred.BytesSent;
    }

    private static IEnumerable<Exception> Standard =>
    [
        new Exception("message"),
        new InvalidOperationException("message"),
        new NotSupportedException("message", s_inner),
        new NotImplementedException("message"),
        new KeyNotFoundException("message"),
        new FormatException("message"),
        new OverflowException("message"),
        new DivideByZeroException("message"),
        new ArithmeticException("message"),
        new IndexOutOfRangeException("message"),
        new InvalidCastException("message"),
        new NullReferenceException("message"),
        new TimeoutException("message", s_inner),
        new UnauthorizedAccessException("message"),
        new OperationCanceledException("message"),
        new TaskCanceledException("message"),
        new IOException("message", s_inner),
        new EndOfStreamException("message"),
        new DirectoryNotFoundException("message"),
        new InvalidDataException("message"),
        new ApplicationException("message"),
        new ArgumentException("message"),
        new ArgumentException("message", "name"),
        new ArgumentException("message", "name", s_inner),
        new ArgumentNullException("name"),
        new ArgumentNullException("name", "message"),
        new ArgumentNullException("message", s_inner),
        new ArgumentOutOfRangeException("name"),
        new ArgumentOutOfRangeException("name", "message"),
        new ArgumentOutOfRangeException("name", -5, "message"),
        new ArgumentOutOfRangeException("name", "a.\nb", null),
        new PathTooLongException("message"),
        new SystemException("message"),
        new OutOfMemoryException("message"),
        new RankException("message", s_inner),
        new ArrayTypeMismatchException("message"),
        new UnreachableException("message"),
        new SynchronizationLockException("message"),
        new AggregateException("message", s_inner),
        new AggregateException("message"),
        new ObjectDisposedException("name"),
        new ObjectDisposedException("name", "message"),
        new FileNotFoundException("message", "file"),
    ];

    [TestCaseSource(nameof(Standard))]
    public void An_exception_of_the_base_library_arrives_as_itself(Exception thrown)
    {
        IThrower root = Serve<IThrower>(new Thrower(thrown)).Root;

        Exception caught = Assert.Catch(() => root.Throw(0))!;

        Assert.That(caught.GetType(), Is.EqualTo(thrown.GetType()));
        Assert.That(caught.Message, Is.EqualTo(thrown.Message));
        Assert.That((caught as ArgumentException)?.ParamName, Is.EqualTo((thrown as ArgumentException)?.ParamName));
        Assert.That(
            (caught as ObjectDisposedException)?.ObjectName,
            Is.EqualTo((thrown as ObjectDisposedException)?.ObjectName));
        Assert.That(
            (caught as FileNotFoundException)?.FileName, Is.EqualTo((thrown as FileNotFoundException)?.FileName));
        Assert.That(caught.InnerException?.GetType(), Is.EqualTo(thrown.InnerException?.GetType()));
        Assert.That(caught.InnerException?.Message, Is.EqualTo(thrown.InnerException?.Message));
    }

    [Test]
    public void An_aggregate_arrives_with_all_that_is_inside()
    {
        var several = new AggregateException(
            "several",
            s_inner,
            new AggregateException("two", new TimeoutException("a"), new PrivateException("b", s_inner)),
            new ArgumentNullException("c"));
        IThrower root = Serve<IThrower>(new Thrower(several)).Root;

        AggregateException caught = Assert.Throws<AggregateException>(() => root.Throw(0))!;

        Assert.That(
            caught.InnerExceptions.Select(inner => inner.GetType()),
            Is.EqualTo(new[] { typeof(FormatException), typeof(AggregateException), typeof(ArgumentNullException) }));
        Assert.That(caught.InnerException, Is.SameAs(caught.InnerExceptions[0]));
        var two = (AggregateException)caught.InnerExceptions[1];
        Assert.That(two.InnerExceptions[0].Message, Is.EqualTo("a"));
        Assert.That(
            two.InnerExceptions[1],
            Is.TypeOf<IpcRemoteException>().With.Property(nameof(IpcRemoteException.RemoteMessage)).EqualTo("b"));
        Assert.That(two.InnerExceptions[1].InnerException, Is.TypeOf<FormatException>());
    }

    [Test]
    public void What_is_inside_of_aggregates_is_cut_at_a_number_for_all_of_them()
    {
        static Exception Nest(int depth) => depth == 0
            ? new TimeoutException("late")
            : new AggregateException(Enumerable.Range(0, 20).Select(_ => Nest(depth - 1)));
        IThrower root = Serve<IThrower>(new Thrower(Nest(4))).Root;

        AggregateException caught = Assert.Throws<AggregateException>(() => root.Throw(0))!;

        static int Count(Exception exception) => 1 + (exception as AggregateException)?.InnerExceptions.Sum(Count) ?? 1;
        Assert.That(caught.InnerExceptions, Has.Count.EqualTo(20));
        Assert.That(Count(caught), Is.InRange(64, 512));
    }

    [Test]
    public void An_unknown_exception_arrives_with_type_message_and_stack()
    {
        IThrower root = Serve<IThrower>(
            new Thrower(new PrivateException("secretly", new PrivateException("deeper")))).Root;

        IpcRemoteException caught = Assert.Throws<IpcRemoteException>(() => root.Throw(0))!;

        Assert.That(caught.RemoteType, Is.EqualTo(typeof(PrivateException).FullName));
        Assert.That(caught.RemoteMessage, Is.EqualTo("secretly"));
        Assert.That(caught.RemoteStackTrace, Does.Contain("Thrower.Throw"));
        Assert.That(caught.Message, Does.Contain(nameof(PrivateException)).And.Contain("secretly"));
        Assert.That(caught.Kind, Is.EqualTo(IpcErrorKind.Remote));
        Assert.That(
            caught.InnerException, Is.TypeOf<IpcRemoteException>().With.Property("RemoteMessage").EqualTo("deeper"));
    }

    [Test]
    public void An_unknown_exception_that_crosses_twice_arrives_as_what_it_was_at_first()
    {
        IThrower far = Serve<IThrower>(
            new Thrower(new PrivateException("secretly", new PrivateException("deeper")))).Root;
        IThrower near = Serve<IThrower>(new Forwarder(far)).Root;

        IpcRemoteException caught = Assert.Throws<IpcRemoteException>(() => near.Throw(0))!;

        Assert.That(caught.RemoteType, Is.EqualTo(typeof(PrivateException).FullName));
        Assert.That(caught.RemoteMessage, Is.EqualTo("secretly"));
        Assert.That(
            caught.Message,
            Does.StartWith($"{typeof(PrivateException).FullName}: secretly ").And.Contain("[IpcFault]"));
        Assert.That(
            caught.RemoteStackTrace,
            Does.Contain("Thrower.Throw").And.Contain("Forwarder.Throw"),
            "The stacks of all processes.");
        Assert.That(
            caught.InnerException, Is.TypeOf<IpcRemoteException>().With.Property("RemoteMessage").EqualTo("deeper"));
    }

    [Test]
    public void The_remote_stack_is_part_of_the_exceptions_own()
    {
        IThrower root = Serve<IThrower>(new Thrower(new InvalidOperationException("no"))).Root;

        InvalidOperationException caught = Assert.Throws<InvalidOperationException>(() => root.Throw(0))!;

        Assert.That(
            caught.StackTrace,
            Does.Contain("Thrower.Throw").And.Contain("in the other process").And.Contain("ThrowerProxy"));
    }

    [TestCase(0, "")]
    [TestCase(4, "secr")]
    [TestCase(9, "secretly")]
    [TestCase(10, "secretly\U0001F600")]
    public void Only_so_much_of_message_and_stack_crosses_as_the_options_say(int length, string message)
    {
        IThrower root = Serve<IThrower>(
            new Thrower(new PrivateException("secretly\U0001F600, and more")),
            server: new IpcConnectionOptions { MaxExceptionTextLength = length }).Root;

        IpcRemoteException caught = Assert.Throws<IpcRemoteException>(() => root.Throw(0))!;

        Assert.That(caught.RemoteMessage, Is.EqualTo(message));
        Assert.That(caught.RemoteStackTrace, Has.Length.LessThanOrEqualTo(length));
        Assert.That(
            () => new IpcConnectionOptions { MaxExceptionTextLength = -1 },
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void No_stack_crosses_when_the_options_say_so()
    {
        IThrower root = Serve<IThrower>(
            new Thrower(new PrivateException("secretly")),
            server: new IpcConnectionOptions { SendStackTraces = false }).Root;

        IpcRemoteException caught = Assert.Throws<IpcRemoteException>(() => root.Throw(0))!;

        Assert.That(caught.RemoteStackTrace, Is.Null);
        Assert.That(caught.StackTrace, Does.Not.Contain("Faults.Thrower.Throw("));
    }

    [Test]
    public void An_exception_whose_message_throws_still_answers_the_caller()
    {
        IThrower root = Serve<IThrower>(new Thrower(new NastyException())).Root;

        Assert.That(
            () => root.Throw(0),
            Throws.TypeOf<IpcRemoteException>().With.Property("RemoteType").EqualTo(typeof(NastyException).FullName));
        Assert.That(
            async () => await root.ThrowAsync(0).WaitAsync(Patience.Bound), Throws.TypeOf<IpcRemoteException>());
        Assert.That(root.Add(1, 2), Is.EqualTo(3));
    }

    [Test]
    public void A_declared_exception_whose_member_throws_arrives_without_its_members()
    {
        IThrower root = Serve<IThrower>(
            new Thrower(new HalfBrokenException("half", 0), new HalfBrokenException("whole", 5))).Root;

        Assert.That(() => root.Throw(0), Throws.InstanceOf<Exception>().With.Message.Contains("half"));
        Assert.That(() => root.Throw(1), Throws.TypeOf<HalfBrokenException>().With.Property("Code").EqualTo(5));
    }

    [Test]
    public void Many_inner_exceptions_are_cut_and_the_outer_ones_arrive()
    {
        Exception nested = new InvalidOperationException("0");
        for (int i = 1; i < 100; i++)
        {
            nested = new InvalidOperationException($"{i}", nested);
        }

        IThrower root = Serve<IThrower>(new Thrower(nested)).Root;

        Exception caught = Assert.Catch(() => root.Throw(0))!;

        Assert.That(caught.Message, Is.EqualTo("99"));
        Assert.That(caught.InnerException!.Message, Is.EqualTo("98"));
        Assert.That(root.Add(1, 2), Is.EqualTo(3));
    }

    [Test]
    public void An_endless_message_is_cut()
    {
        IThrower root = Serve<IThrower>(new Thrower(new InvalidOperationException(new string('x', 10_000_000)))).Root;

        Exception caught = Assert.Catch(() => root.Throw(0))!;

        Assert.That(caught.Message, Has.Length.LessThan(100_000).And.Length.GreaterThan(1000));
    }

    [Test]
    public void A_failure_of_the_servers_own_connection_is_not_taken_for_one_of_the_callers()
    {
        IThrower root = Serve<IThrower>(new Thrower(new IpcDisconnectedException("another connection"))).Root;

        Assert.That(() => root.Throw(0), Throws.TypeOf<IpcRemoteException>());
        Assert.That(root.Add(1, 2), Is.EqualTo(3));
    }
}
