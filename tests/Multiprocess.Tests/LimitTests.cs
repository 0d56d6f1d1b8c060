using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests;

/// <summary>
/// Holds the options to the table of limits in src/README.md: none is missing, and each has the default and the range
/// that it says.
/// </summary>
public sealed partial class LimitTests
{
    private static readonly Type[] s_options =
        [
            typeof(IpcLimits),
            typeof(IpcConnectionOptions),
            typeof(IpcServerOptions),
            typeof(IpcSpawnOptions),
            typeof(IpcRestartPolicy),
        ];

    // No bounds, or (the last two) the system's.
    private static readonly string[] s_others =
        [
            "IpcRestartPolicy.Factor",
            "IpcRestartPolicy.InitialDelay",
            "IpcConnectionOptions.WorkerStackBytes",
            "IpcServerOptions.Backlog",
        ];

    private static IEnumerable<Limit> Limits
        => Documents.Rows("src/README.md", Row()).Select(
            row => new Limit(row[1], row[2], row[3], row[4], row[5], row[6]));

    [Test]
    public void Document_lists_every_limit()
        => Assert.That(
            Limits.Select(limit => limit.Name).Concat(s_others).Order(StringComparer.Ordinal),
            Is.EqualTo(s_options
                .SelectMany(
                    type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                .Where(
                    property => property.PropertyType == typeof(int) || property.PropertyType == typeof(
                        long) || property.PropertyType == typeof(double) || property.PropertyType == typeof(TimeSpan))
                .Select(property => $"{property.DeclaringType!.Name}.{property.Name}")
                .Order(StringComparer.Ordinal)));

    [TestCaseSource(nameof(Limits))]
    public void Page_for_users_says_what_happens_beyond_it(Limit limit)
        => Assert.That(
            Documents.Lines("docs/security.md").Where(line => line.StartsWith('|')),
            Has.Some.Contains($"`{limit.Name.Split('.')[1]}`"));

    [TestCaseSource(nameof(Limits))]
    public void Default_and_range_are_those_of_the_document(Limit limit)
    {
        Assert.That(limit.Get(), Is.EqualTo(limit.Default));
        Assert.That(limit.Set(limit.Least), Is.EqualTo(limit.Least));
        Assert.That(limit.Set(limit.Most), Is.EqualTo(limit.Most));
    }

    [TestCaseSource(nameof(Limits))]
    public void Value_out_of_range_is_refused_with_what_was_expected_and_what_came(Limit limit)
    {
        string option = limit.Name[(limit.Name.IndexOf('.') + 1)..];
        foreach (long wrong in new[] { limit.Least - 1, limit.Most + 1 }.Where(limit.Fits))
        {
            Assert.That(
                () => limit.Set(wrong),
                Throws.TypeOf<ArgumentOutOfRangeException>()
                    .With.Message.StartsWith($"{option}: Expected ")
                    .And.Message.Contains(", got ")
                    .And.Property(nameof(ArgumentOutOfRangeException.ActualValue)).Not.Null,
                $"{limit.Name} = {wrong}");
        }
    }

    [TestCaseSource(nameof(Limits))]
    public void What_happens_beyond_it_is_held_by_a_test(Limit limit)
    {
        string[] parts = limit.HeldBy.Split('.');
        Assert.That(
            Documents.Tests(parts[0]).Any(source => Regex.IsMatch(source, $@"\b{parts[1]}\(")),
            limit.HeldBy);
    }

    [GeneratedRegex(
        @"^\| `(Ipc\w+\.\w+)` \| ([\w, ]+) \| ([\d,]+) \| ([\d,]+) \| (bytes|levels|objects|threads|calls|characters|connections|clients|restarts|descriptors|ms) \| [^|]+ \| `(\w+\.\w+)` \|$")]
    private static partial Regex Row();

    /// <summary>One row.</summary>
    public sealed record Limit(
        string Name, string DefaultText, string LeastText, string MostText, string Unit, string HeldBy)
    {
        private const long Infinite = -1;

        public long Default => DefaultText == "infinite" ? Infinite : Number(DefaultText);

        public long Least => Number(LeastText);

        public long Most => Number(MostText);

        private Type Type => Array.Find(s_options, type => type.Name == Name.Split('.')[0])!;

        private PropertyInfo Property => Type.GetProperty(Name.Split('.')[1])!;

        /// <summary>The value in new options.</summary>
        public long Get() => Read(Activator.CreateInstance(Type)!);

        /// <summary>Sets it, and returns what it is then.</summary>
        public long Set(long value)
        {
            object options = Activator.CreateInstance(Type)!;
            object typed = Property.PropertyType == typeof(TimeSpan) ? TimeSpan.FromMilliseconds(value)
                : Convert.ChangeType(value, Property.PropertyType, CultureInfo.InvariantCulture);
            try
            {
                Property.SetValue(options, typed);
            }
            catch (TargetInvocationException exception)
            {
                throw exception.InnerException!;
            }

            return Read(options);
        }

        /// <summary>
        /// Whether the option's type can have the value, and the value says nothing else: a time of -1 ms is infinite.
        /// </summary>
        public bool Fits(long value)
            => Property.PropertyType == typeof(int) ? value is >= int.MinValue and <= int.MaxValue
                : Property.PropertyType != typeof(TimeSpan) || value != Infinite;

        public override string ToString() => Name;

        private static long Number(string text)
            => long.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

        private long Read(object options)
            => Property.GetValue(options) is TimeSpan time
                ? (long)time.TotalMilliseconds
                : Convert.ToInt64(Property.GetValue(options), CultureInfo.InvariantCulture);
    }
}
