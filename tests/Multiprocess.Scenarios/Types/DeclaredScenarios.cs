using System.Net.Mail;
using System.Text;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Types;

/// <summary>Types that a program declares, there and back.</summary>
public static class DeclaredScenarios
{
    public static void Records_cross_with_inherited_and_init_members(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        notes.Add("record", root.Echo(new Animal("Ada", 36, new Animal("Byron", 60)) { Nick = "A" }));
        notes.Add("defaults", root.Echo(new Animal("Ada")));
        notes.Add("derived", root.Echo(new Dog("Rex", 2, Barks: true) { Nick = "R" }));
    }

    public static void Structs_cross(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        notes.Add("readonly", root.Echo(new Point(1, -2)));
        notes.Add("record struct", root.Echo(new Size(1.5, 2.5)));
        notes.Add("null", root.Echo((Size?)null));
        notes.Add("empty", root.Echo(default(Nothing)));
        notes.Add("computed from a field", root.Echo(new Meters(1.5)));
        notes.Add("computed from a parameter", root.Echo(new[] { new Coin(5, "EUR") }));
    }

    public static void Classes_cross_through_required_members_fields_and_constructors(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        notes.Add(
            "required",
            root.Echo(new Form
            {
                Title = "t",
                Size = new Size(1, 2),
                Points = { ["a"] = new Point(1, 2) },
                Favourite = Fruit.Apple
            }));
        notes.Add("constructor", root.Echo(new Interval(1, 5)));
    }

    public static void Nested_generics_cross(IWorkshop workshop, Notes notes)
    {
        var inner = new Page<string?>(["a", null], null);
        notes.Add(
            "page of pages",
            workshop.Declared().Echo(new Page<Page<string?>>([inner], new Page<Page<string?>>([], null))));
    }

    public static void Recursive_types_cross_to_a_depth(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        var top = new Node { Value = 1 };
        var current = top;
        for (int i = 2; i < 25; i++)
        {
            var next = new Node { Value = i };
            current.Children.Add(next);
            current = next;
        }

        notes.Add("deep", root.Echo(top));
    }

    public static void Closed_hierarchies_cross_as_their_cases(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        notes.Add("circle", root.Echo(new Circle(1.5)));
        notes.Add("drawing", root.Echo(new Drawing(new Box(new Size(1, 2)), null, new Drawing(new Circle(3)))));
        notes.Add("null", root.Echo((Shape?)null));
    }

    public static void Types_annotated_for_MessagePack_cross(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        notes.Add("case", root.Echo(new Known { Text = "x", Number = 7 }));
        notes.Add("by name", root.Echo(new ByName("x", 2)));
    }

    public static void Results_or_errors_cross(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        notes.Add("value", root.Echo(new Result<int?>(5, null)));
        notes.Add("error", root.Echo(new Result<int?>(null, "no")));
        notes.Add("reference", root.Echo(new Result<Animal>(new Animal("a"), null)));
        notes.Add("reference error", root.Echo(new Result<Animal>(null, "no")));
        notes.Add("union", root.Echo(new Done(3)));
        notes.Add("union error", root.Echo(new Failed("why", new Done(1))));
    }

    public static void Enums_and_flags_cross(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        notes.Add("enum", root.Echo(Fruit.Pear));
        notes.Add("flags", root.Echo(Rights.Read | Rights.All));
        notes.Add("null", root.Echo((Rights?)null));
        notes.Add("as key", root.Echo(new Dictionary<Fruit, Rights[]> { [Fruit.Apple] = [Rights.None, Rights.Write] }));
    }

    public static void Undefined_enum_values_cross_where_the_contract_says_so(IWorkshop workshop, Notes notes)
    {
        var open = workshop.Declared().Open;
        notes.Add("enum", open.Echo((Fruit)77));
        notes.Add("inside", open.Echo([(Rights)(1L << 50), null], fruit => fruit + 1));
    }

    public static void Converters_of_contract_and_place_carry_elements_too(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        notes.Add(
            "contract",
            root.Echo([new StringBuilder("a"), (StringBuilder?)null]).Select(text => text?.ToString()).ToArray());
        notes.Add("elements", root.Pay([new Money(5), null], new Money(1)));
        notes.Add("nested result", root.Bill(100)["sum"].Select(sum => sum.Read()).ToArray());
    }

    public static void Converters_of_type_assembly_and_member_hold_everywhere(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        var ada = new MailAddress("ada@example.org", "Ada");
        var weights = root.Echo(new Dictionary<MailAddress, Weight?[]> { [ada] = [new Weight(1500), null] });
        notes.Add("weights", weights[ada].Select(weight => weight?.Kilograms).ToArray());
        var parcel = root.Echo(new Parcel(new Weight(20), ada, new Money(380)));
        notes.Add("parcel", (parcel.Weight.Read(), parcel.To, parcel.Postage.Read()));
    }

    public static void Secrets_and_sensitive_values_cross(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Declared();
        using var secret = new SecretString("hunter2");
        using var rotated = root.Rotate(secret);
        notes.Add("secret", rotated);
        notes.Add("null", root.Rotate(null));
        notes.Add("parameter", root.Count("hunter2"));
        notes.Add("member", root.Echo(new Account("ada", "hunter2")));
    }
}
