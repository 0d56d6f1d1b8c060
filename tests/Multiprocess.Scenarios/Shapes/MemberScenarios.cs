using System.Collections.Concurrent;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Shapes;

/// <summary>Properties, indexers, events, bases, bodies.</summary>
public static class MemberScenarios
{
    public static void Properties_and_indexers_are_read_and_written(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Members();
        notes.Add("before", (root.Name, root.Age));
        root.Name = "second";
        root.Age = "old";
        root["a"] = "one";
        root["a", 2] = "two";
        notes.Add("after", (root.Name, root.Age, root["a"], root["a", 2]));
        notes.Thrown("missing", () => _ = root["b"]);
        root.Age = null;
        notes.Add("null", root.Age);
    }

    public static void Members_of_several_bases_stay_apart(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Members();
        notes.Add("named", ((INamed)root).Describe());
        notes.Add("aged", (((IAged)root).Describe(), ((IAged)root).Age));
        root.Put(new DateOnly(2024, 2, 29));
        notes.Add("generic base", (root.Count, root[0], ((IStore<DateOnly>)root)[0]));
    }

    public static void Bodies_in_the_contract_run_where_they_should(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Members();
        notes.Add("default", root.Twice(21));
        notes.Add("overridden", root.Overridden(2));
        notes.Add("sealed", root.Sealed(2));
        notes.Add("local", root.Local());
        notes.Add("static", IMembers.Static());
    }

    public static void Handlers_hear_until_they_are_removed(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Members();
        Action<int> counted = x => notes.Add("counted", x);
        root.Counted += counted;
        root.Counted += counted;
        root.Counted += null;
        notes.Add("handlers", root.Handlers);
        root.Raise(1);
        root.Counted -= counted;
        root.Raise(2);
        root.Counted -= counted;
        notes.Add("handlers left", root.Handlers);
        root.Raise(3);
        notes.Add("end", root.Name);
    }

    public static void Sender_is_the_source_of_the_event(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Members();
        var other = workshop.Members();
        root.Raised += (sender, e)
            => notes.Add("raised by its source", (ReferenceEquals(sender, root), ReferenceEquals(e, EventArgs.Empty)));
        root.Moved += (sender, e) => notes.Add("moved by its source", (ReferenceEquals(sender, root), e.X));
        other.Raised += (sender, _) => notes.Add("the other's", ReferenceEquals(sender, other));
        root.Raise(5);
        other.Raise(6);
    }

    public static void Handlers_answer_and_throw(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Members();
        root.Asked += question => question + "!";
        root.Raise(1);
        notes.Add("answer", root.Name);
        root.Counted += x => throw new FormatException($"bad {x}");
        notes.Thrown("thrown", () => root.Raise(2));
    }

    public static void One_way_handlers_hear_in_order(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Members();
        using var heard = new BlockingCollection<string>();
        root.Posted += heard.Add;
        root.Raise(1);
        root.Raise(2);
        notes.Add("heard", (heard.Take(), heard.Take()));
    }

    public static void Generic_contract_crosses_where_it_is_closed(IWorkshop workshop, Notes notes)
    {
        var numbers = workshop.Members().Numbers;
        numbers.Added += item => notes.Add("added", item);
        numbers.Add(4);
        numbers.Add(2);
        notes.Add("all", numbers.All().ToArray());
        notes.Add("texts", numbers.Texts().All().ToArray());
    }

    public static async Task Disposal_reaches_the_object(IWorkshop workshop, Notes notes)
    {
        var watched = new Members();
        var references = workshop.References();
        references.DisposeIt(watched);
        notes.Add("disposed", watched.DisposeCalls);
        await references.DisposeItAsync(new Asynchronous(notes));
        using var root = workshop.Members();
        notes.Add("alive", root.Name);
    }

    private sealed class Asynchronous(Notes notes) : ILater
    {
        public ValueTask DisposeAsync()
        {
            notes.Add("disposed asynchronously", true);
            return ValueTask.CompletedTask;
        }
    }
}
