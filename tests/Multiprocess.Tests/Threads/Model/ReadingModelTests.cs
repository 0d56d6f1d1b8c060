namespace Multiprocess.Tests.Threads.Model;

[CancelAfter(60_000)]
public class ReadingModelTests
{
    [Test]
    public void A_client_and_a_worker_always_come_to_rest()
        => AssertSound(5_000, new ReadingModel { Calls = [2], Unsolicited = "WE" });

    [Test]
    public void Clients_always_come_to_rest()
        => AssertSound(20_000, new ReadingModel { Calls = [2, 1] });

    [Test]
    public void An_interrupt_at_any_point_loses_nothing()
        => AssertSound(50_000, new ReadingModel { Calls = [2, 1], Interruptible = [0] });

    [Test]
    public void A_close_at_any_point_lets_everybody_go()
        => AssertSound(
            5_000, new ReadingModel { Calls = [1], Interruptible = [0], Unsolicited = "W", MayClose = true });

    [Test]
    public void Callbacks_and_a_stalled_sender_lose_nothing()
        => AssertSound(10_000, new ReadingModel { Calls = [1, 1], CalledBack = [0], MayStall = true });

    [Test]
    public void What_came_with_the_Hello_is_handed_out_without_anything_further()
        => AssertSound(5_000, new ReadingModel { Calls = [1], Early = "W", Unsolicited = "E" });

    [Test]
    public void Over_a_ring_clients_always_come_to_rest()
        => AssertSound(20_000, new ReadingModel { IsOverRing = true, Calls = [1, 1] });

    [Test]
    public void Over_a_ring_a_client_and_a_worker_always_come_to_rest()
        => AssertSound(20_000, new ReadingModel { IsOverRing = true, Calls = [1], Unsolicited = "WE" });

    [Test]
    public void Over_a_ring_an_interrupt_and_a_close_lose_nothing()
        => AssertSound(
            5_000, new ReadingModel { IsOverRing = true, Calls = [1], Interruptible = [0], MayClose = true });

    // For whoever changes the role: the same with more threads at once, for minutes.
    [TestCaseSource(nameof(LargeModels)), Explicit, CancelAfter(1_800_000)]
    public void A_large_model_is_sound(object model) => AssertSound(100_000, (ReadingModel)model);

    private static IEnumerable<TestCaseData> LargeModels()
    {
        yield return Large("three clients", new ReadingModel { Calls = [1, 1, 1] });
        yield return Large("two clients and a worker", new ReadingModel { Calls = [2, 1], Unsolicited = "W" });
        yield return Large(
            "two interrupts and a worker",
            new ReadingModel { Calls = [1, 1], Interruptible = [0, 1], Unsolicited = "W" });
        yield return Large(
            "a close and an interrupt", new ReadingModel { Calls = [1, 1], Interruptible = [1], MayClose = true });
        yield return Large(
            "two callbacks and a stalled sender",
            new ReadingModel { Calls = [1, 1], CalledBack = [0, 1], MayStall = true });

        yield return Large(
            "a ring, two clients and a worker",
            new ReadingModel { IsOverRing = true, Calls = [1, 1], Unsolicited = "W" });
        yield return Large(
            "a ring, an interrupt, a worker and a close",
            new ReadingModel
            {
                IsOverRing = true, Calls = [1], Interruptible = [0], Unsolicited = "W", MayClose = true,
            });
        yield return Large("a ring, two calls and one", new ReadingModel { IsOverRing = true, Calls = [2, 1] });

        static TestCaseData Large(string name, ReadingModel model) => new TestCaseData(model).SetArgDisplayNames(name);
    }

    [TestCase(Mutation.StandByIsNotWoken)]
    [TestCase(Mutation.StandBySleepsBesideFreeRole)]
    [TestCase(Mutation.LookOutsideGate)]
    [TestCase(Mutation.ReceiveBeforeBuffered)]
    [TestCase(Mutation.OnlyOneFrameHandedOut)]
    [TestCase(Mutation.NoPermits)]
    [TestCase(Mutation.FrameAndRoleToOne)]
    [TestCase(Mutation.RoleToWhoHasLeft)]
    [TestCase(Mutation.RoleTakenAlong)]
    [TestCase(Mutation.InterruptibleBlocks)]
    [TestCase(Mutation.NobodyReadsForInterruptible)]
    [TestCase(Mutation.CloseWakesNobody)]
    [TestCase(Mutation.InterruptWakesNobody)]
    [TestCase(Mutation.RoleWithoutWakeUp)]
    public void A_mistake_is_found(Mutation mutation)
    {
        Exploration exploration = Explorer.Explore(new ReadingModel
        {
            Calls = [1, 1],
            Interruptible = mutation is Mutation.InterruptibleBlocks
                or Mutation.InterruptWakesNobody
                or Mutation.NobodyReadsForInterruptible
                ? [0]
                : [],
            Early = mutation == Mutation.ReceiveBeforeBuffered ? "W" : "",
            MayClose = mutation == Mutation.CloseWakesNobody,
            Mutation = mutation,
        });

        TestContext.Out.WriteLine($"After {exploration.States:N0} states: {exploration.Violation}");
        Assert.That(exploration.Violation, Is.Not.Null);
    }

    [TestCase(Mutation.RingIsNotLookedInto)]
    [TestCase(Mutation.RingIsNotArmed)]
    [TestCase(Mutation.RingForgetsUnseen)]
    [TestCase(Mutation.RingSignIsClearedForAll)]
    [TestCase(Mutation.RingPeerLooksBeforeItWrites)]
    [TestCase(Mutation.InterruptibleBlocks)]
    [TestCase(Mutation.CloseWakesNobody)]
    public void A_mistake_over_a_ring_is_found(Mutation mutation)
    {
        Exploration exploration = Explorer.Explore(new ReadingModel
        {
            IsOverRing = true,
            Calls = [1],
            Interruptible = mutation == Mutation.InterruptibleBlocks ? [0] : [],
            Unsolicited = "W",
            MayClose = mutation == Mutation.CloseWakesNobody,
            Mutation = mutation,
        });

        TestContext.Out.WriteLine($"After {exploration.States:N0} states: {exploration.Violation}");
        Assert.That(exploration.Violation, Is.Not.Null);
    }

    private static void AssertSound(int leastStates, ReadingModel model)
    {
        Exploration exploration = Explorer.Explore(model);

        TestContext.Out.WriteLine($"{exploration.States:N0} states.");
        Assert.That(exploration.Violation, Is.Null);
        Assert.That(exploration.States, Is.GreaterThan(leastStates));
    }
}
