using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

/// <summary>Methods that return each kind of task.</summary>
[IpcInterface]
public interface ITasks
{
    Task Plain();

    Task<int> WithResult(int x);

    ValueTask Value();

    ValueTask<string?> ValueWithResult(string? x);

    Task Fail(string message);

    Task<IStage> MakeStage();
}

public sealed class TaskTests(Reached reached) : ContractFixture(reached)
{
    [Test]
    public async Task Every_kind_of_task_completes_with_its_result()
    {
        var server = new Tasks();
        ITasks root = Reach<ITasks>(server);

        await root.Plain();
        await root.Value();

        Assert.That(server.Ran, Is.EqualTo(2));
        Assert.That(await root.WithResult(4), Is.EqualTo(5));
        Assert.That(await root.ValueWithResult("a"), Is.EqualTo("a"));
        Assert.That(await root.ValueWithResult(null), Is.Null);
    }

    [Test]
    public void What_an_asynchronous_method_throws_is_thrown_where_it_is_awaited()
    {
        ITasks root = Reach<ITasks>(new Tasks());

        Task failing = root.Fail("no");

        Assert.That(
            async () => await failing.WaitAsync(Patience.Bound),
            Throws.InvalidOperationException.With.Message.EqualTo("no"));
    }

    [Test]
    public async Task A_task_may_bring_a_reference()
    {
        ITasks root = Reach<ITasks>(new Tasks());

        IStage stage = await root.MakeStage();

        Assert.That(stage.Call(7), Is.EqualTo(7));
    }

    private sealed class Tasks : ITasks
    {
        public int Ran { get; private set; }

        public async Task Plain()
        {
            await Task.Yield();
            Ran++;
        }

        public async Task<int> WithResult(int x)
        {
            await Task.Yield();
            return x + 1;
        }

        public async ValueTask Value()
        {
            await Task.Yield();
            Ran++;
        }

        public ValueTask<string?> ValueWithResult(string? x) => new(x);

        public async Task Fail(string message)
        {
            await Task.Yield();
            throw new InvalidOperationException(message);
        }

        public Task<IStage> MakeStage() => Task.FromResult<IStage>(new Stage());
    }
}
