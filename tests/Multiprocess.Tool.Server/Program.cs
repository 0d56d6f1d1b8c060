using Example.Shop;
using Multiprocess;

// Serves IShop at the address that is the first argument, to whom the second one says, until its input ends.
var options = new IpcServerOptions
{
    Introspection = args.Length > 1 ? Enum.Parse<IpcIntrospection>(args[1]) : IpcIntrospection.SameUser,
    CaptureCreationStacks = true,
    SlowCallWarning = TimeSpan.FromMinutes(1),
    RecordFolder = args.Length > 2 ? args[2] : null,
};
var shop = new Shop();
using IpcServer server = IpcServer.Listen<IShop>(args[0], _ => shop, options);
Console.WriteLine("serving");
while (Console.ReadLine() is { } article)
{
    // A line is sold, so that events come when a test wants them.
    shop.Sell(article, article.Length);
}
