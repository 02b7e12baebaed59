/**
 * What people choose, and guessers try, first: passwords of the published breach lists, bare of the digits and signs that are
 * put around them, and the words that long ones are made of. Matched after the same stripping (`password-policy.ts`).
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  password passwort passw passwd pass motdepasse contrasena senha parola wachtwoord lozinka haslo parol kennwort geheim
  secret secreto letmein letmeinnow welcome willkommen bienvenue bienvenido login logmein signin access accessdenied
  admin administrator adminadmin root superuser superadmin user username guest default changeme changeit temp temporary
  test tester testing testtest demo sample example abc abcabc abcd iloveyou iloveu loveyou love lovely lovelove loveme
  mylove trustno trustnoone whatever nothing something anything everything forever hello hellohello helloworld goodbye
  qwerty qwertz azerty qwertyuiop qwertyui qazwsx qazwsxedc asdf asdfgh asdfghjkl asdfasdf zxcvbn zxcvbnm zxcv poiuytrewq
  mnbvcxz lkjhgfdsa google facebook twitter instagram youtube linkedin microsoft windows apple iphone android samsung
  amazon netflix myspace yahoo gmail hotmail outlook internet computer laptop server network system monkey dragon master
  shadow sunshine princess prinzessin football baseball basketball hockey soccer fussball golf tennis racing superman
  batman spiderman ironman wolverine pokemon pikachu naruto starwars startrek skywalker matrix ninja samurai wizard
  gandalf hobbit harrypotter hogwarts disney mickey minnie tigger snoopy garfield hellokitty jesus christ jesuschrist god
  heaven angel angels blessed faith hope freedom liberty victory winner champion killer hunter hunting ranger warrior
  soldier marine marines army navy airforce police fireman doctor nurse teacher student school college university michael
  jennifer jessica jordan joshua thomas daniel andrew matthew anthony robert william david richard charles charlie george
  ashley amanda nicole michelle melissa samantha elizabeth victoria katherine maria anna laura sarah hannah sophie emily
  alexander alexandra alexis christian christopher benjamin nicholas jonathan patrick patricia brandon austin dallas
  london paris berlin newyork chicago boston texas california florida america american england germany deutschland
  france italia espana brasil mexico canada australia liverpool arsenal chelsea manchester barcelona realmadrid juventus
  bayern dortmund eagles cowboys steelers yankees lakers redsox ferrari porsche mercedes bmw audi toyota honda yamaha
  suzuki harley davidson corvette mustang camaro chevrolet chevy dodge jaguar tiger tigers lion lions wolf wolves eagle
  falcon phoenix panther leopard cheetah horse horses dolphin dolphins butterfly flower flowers rose daisy jasmine lily
  orange banana apples cherry strawberry peanut pepper ginger cookie cookies chocolate candy sugar cheese pizza coffee
  whiskey vodka summer winter spring autumn sommer fruehling herbst january february march april june july august
  september october november december monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch
  donnerstag freitag samstag sonntag family mother father brother sister daughter babygirl babyboy baby sweetheart
  sweetie honey darling schatz schatzi liebe amor teamo amour jetaime buddy buster bailey maggie cooper rocky lucky max
  molly sophia sadie bella coco smokey midnight silver golden diamond crystal purple yellow orange black white green blue
  red blackwhite rainbow sunflower moonlight starlight thunder lightning storm hurricane tornado fire water earth wind
  mountain ocean river money dollar rich million business company office work secure security safe safety private
  correct battery staple thisismypassword mypassword yourpassword ourpassword
  nopassword newpassword oldpassword thepassword password1 passwordpassword opensesame abracadabra hocuspocus supercali
  blink greenday metallica slipknot nirvana eminem rihanna beyonce madonna elvis beatles rolling guitar music rockstar
  rocknroll dancer dance player playboy playstation nintendo xbox minecraft fortnite roblox warcraft counterstrike
  battlefield callofduty assassin zelda sonic mario sephiroth cloud biometrics biometric fingerprint identity
  `
    .split(/\s+/)
    .filter((word) => word !== ''),
)
