using System.Globalization;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Shapes;

/// <summary>
/// What differs from one process, each shown: these scenarios must not note the same through a proxy.
/// </summary>
public static class Differences
{
    [Differs("Values are copies")]
    public static void What_a_method_does_to_its_argument_stays_there(IWorkshop workshop, Notes notes)
    {
        var list = new List<int>();
        workshop.Surroundings().Append(list);
        notes.Add("count", list.Count);
    }

    [Differs("Variables are copies")]
    public static void A_variable_changes_when_the_call_returns(IWorkshop workshop, Notes notes)
    {
        int variable = 1;
        workshop.Surroundings().Set(ref variable, () => notes.Add("inside", variable));
        notes.Add("afterwards", variable);
    }

    [Differs("Another thread")]
    public static void A_method_runs_on_a_thread_of_its_own(IWorkshop workshop, Notes notes)
        => notes.Add(
            "same thread",
            workshop.Surroundings().ThreadId == Environment.CurrentManagedThreadId && workshop is Workshop);

    [Differs("Asynchronous methods begin elsewhere")]
    public static void An_asynchronous_method_does_not_begin_on_the_callers_thread(IWorkshop workshop, Notes notes)
        => notes.Add(
            "same thread",
            workshop.Surroundings().StartOfAsync().GetAwaiter().GetResult() == Environment.CurrentManagedThreadId
                && workshop is Workshop);

    [Differs("Asynchronous methods never throw")]
    public static async Task What_an_asynchronous_method_throws_at_once_is_in_its_task(IWorkshop workshop, Notes notes)
    {
        Task? task = null;
        notes.Thrown("call", () => task = workshop.Surroundings().ThrowAtOnceAsync());
        await notes.ThrownAsync("task", () => task ?? Task.CompletedTask);
    }

    [Differs("Failed tasks")]
    public static async Task A_task_has_its_first_exception_alone(IWorkshop workshop, Notes notes)
    {
        Task task = workshop.Surroundings().FailTwiceAsync();
        await notes.ThrownAsync("awaited", () => task);
        notes.Add("all", task.Exception!.InnerExceptions.Count);
    }

    [Differs("Cancelled callers continue")]
    public static void A_call_with_a_cancelled_token_is_not_made(IWorkshop workshop, Notes notes)
        => notes.Thrown(
            "cancelled",
            () => notes.Add("result", workshop.Surroundings().Ignore(new CancellationToken(canceled: true))));

    [Differs("Culture")]
    public static void The_callers_culture_stays_there(IWorkshop workshop, Notes notes)
    {
        var before = CultureInfo.CurrentCulture;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = culture;
        try
        {
            notes.Add("separator", workshop.Surroundings().DecimalSeparator);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Differs("Execution context")]
    public static void The_callers_ambient_values_stay_there(IWorkshop workshop, Notes notes)
    {
        Surroundings.Local.Value = "mine";
        notes.Add("ambient", workshop.Surroundings().Ambient);
        Surroundings.Local.Value = null;
    }

    [Differs("Exceptions are created again")]
    public static void An_exception_arrives_without_its_data(IWorkshop workshop, Notes notes)
    {
        try
        {
            workshop.Surroundings().Throw("known");
        }
        catch (InvalidOperationException exception)
        {
            notes.Add("data", exception.Data["key"]);
        }
    }

    [Differs("Undeclared exceptions")]
    public static void An_undeclared_exception_arrives_as_a_remote_one(IWorkshop workshop, Notes notes)
        => notes.Thrown("undeclared", () => workshop.Surroundings().Throw("undeclared"));

    [Differs("One-way calls")]
    public static void What_a_one_way_call_throws_is_not_heard(IWorkshop workshop, Notes notes)
        => notes.Thrown("one-way", () => workshop.Surroundings().ThrowUnheard());

    [Differs("Derived values")]
    public static void A_value_of_a_derived_type_is_refused(IWorkshop workshop, Notes notes)
        => notes.Thrown("derived", () => workshop.Surroundings().Take(new Derived(1, "a")));

    [Differs("Your own comparers")]
    public static void A_comparer_of_ones_own_is_refused(IWorkshop workshop, Notes notes)
        => notes.Thrown("comparer", () => workshop.Surroundings().Count(new Dictionary<string, int>(new ByLength())));

    [Differs("Undefined enum values")]
    public static void A_value_that_an_enum_does_not_define_is_refused(IWorkshop workshop, Notes notes)
    {
        notes.Thrown("enum", () => workshop.Surroundings().Name((Signal)7));
        notes.Thrown("flags", () => workshop.Declared().Echo((Types.Rights?)4));
    }

    [Differs("Values that cannot be written")]
    public static void Half_a_surrogate_pair_is_refused(IWorkshop workshop, Notes notes)
        => notes.Thrown("text", () => workshop.Surroundings().Throw("\ud800"));

    [Differs("Nulls are refused")]
    public static void Null_is_refused_where_the_declaration_has_none(IWorkshop workshop, Notes notes)
        => notes.Thrown("null", () => workshop.Surroundings().Take(null!));

    [Differs("Only the contract crosses")]
    public static void An_object_is_what_its_contract_says(IWorkshop workshop, Notes notes)
        => notes.Add("marker", workshop.Surroundings().Make() is ISurroundingsMarker);

    [Differs("Equality and text")]
    public static void What_an_object_overrides_stays_there(IWorkshop workshop, Notes notes)
        => notes.Add("text", workshop.Surroundings().ToString());

    [Differs("Depth")]
    public static void A_value_that_contains_itself_is_refused(IWorkshop workshop, Notes notes)
    {
        var node = new Types.Node();
        node.Children.Add(node);
        notes.Thrown("cycle", () => workshop.Declared().Take(node));
        var surroundings = workshop.Surroundings();
        notes.Add("the connection lives on", surroundings.Count([]));
    }

    [Differs("Senders of events")]
    public static void A_sender_that_is_not_the_source_is_null(IWorkshop workshop, Notes notes)
    {
        var source = workshop.Members();
        source.Raised += (sender, _) => notes.Add("has a sender", sender is not null);
        source.RaiseFrom(workshop.Members());
    }

    [Differs("Lazy sequences")]
    public static void A_sequence_is_run_before_the_call(IWorkshop workshop, Notes notes)
    {
        workshop.Surroundings().Pull(Numbers(), () => notes.Add("method", "began"));

        IEnumerable<int> Numbers()
        {
            notes.Add("sequence", "began");
            yield return 1;
        }
    }

    [Differs("Interrupted threads")]
    public static void An_interrupted_thread_waits_for_its_answer(IWorkshop workshop, Notes notes)
    {
        ISurroundings surroundings = workshop.Surroundings();
        notes.Thrown(
            "during the call", () => notes.Add("blocked in peace", surroundings.Block(Thread.CurrentThread.Interrupt)));
        notes.Thrown("after the call", () => Thread.Sleep(1));
        notes.Thrown("the connection lives on", () => notes.Add("count", surroundings.Count([])));
    }

    [Differs("Disposed objects")]
    public static void A_disposed_proxy_calls_no_more(IWorkshop workshop, Notes notes)
    {
        var members = workshop.Members();
        members.Dispose();
        notes.Thrown("after the end", () => notes.Add("name", members.Name));
    }

    private sealed class ByLength : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => x?.Length == y?.Length;

        public int GetHashCode(string text) => text.Length;
    }
}
