using System.Numerics;
using Elsewhere;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Types;

/// <summary>Types that cross by a third party's MessagePack formatters.</summary>
public static class FormatterScenarios
{
    public static void A_formatter_for_a_type_of_the_framework_carries_it(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Formatted();
        notes.Add("vector", root.Cross(Vector3.UnitX, new Vector3(0, 2.5f, 0)));
        notes.Add(
            "inside", root.Echo(
                new Dictionary<string, Vector3?> { ["a"] = new Vector3(1, -2, float.Epsilon), ["b"] = null }));
    }

    public static void A_formatter_that_a_type_names_carries_an_immutable_type(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Formatted();
        notes.Add("price", root.Echo(Price.Of(12.34m, "EUR"))?.ToString());
        notes.Add("null", root.Echo((Price?)null));
    }

    public static void Formatters_carry_members_and_what_callbacks_take(IWorkshop workshop, Notes notes)
    {
        var move = workshop.Formatted().Echo(new Move(Price.Of(-5, "GBP"), [Vector3.One]), vector => vector * 2);
        notes.Add("cost", move.Cost.ToString());
        notes.Add("path", move.Path);
    }
}
